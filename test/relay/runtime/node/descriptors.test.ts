import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { descriptorLimit, noteDescriptors } from '../../../../src/relay/runtime/node/descriptors.ts';

const descriptors = suite('runtime/node/descriptors');

descriptors('reads the soft limit, if the system has one', () => {
  const limits = (soft: string) => `Limit                     Soft Limit           Hard Limit           Units
Max processes             63204                63204                processes
Max open files            ${soft}                 524288               files
`;
  assert.is(
    descriptorLimit(() => limits('1024')),
    1024,
  );
  assert.is(
    descriptorLimit(() => limits('unlimited')),
    undefined,
  );
  assert.is(
    descriptorLimit(() => {
      throw new Error('ENOENT');
    }),
    undefined,
  );
});

descriptors('warns before the last one is used, and is over only when there are some again', () => {
  const calls: string[] = [];
  const warnings = { raise: () => calls.push('raise'), over: () => calls.push('over') };
  for (const connections of [100, 800, 840, 900, 840, 700]) noteDescriptors(warnings, { connections, limit: 1000 });
  assert.equal(calls, ['over', 'raise', 'raise', 'raise', 'over']);
});

descriptors.run();
