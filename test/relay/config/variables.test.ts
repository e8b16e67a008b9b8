/** The documents and `--help` have the table of variables. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { helpText } from '../../../src/relay/config/help.ts';
import { NOT_BUILT_YET, VARIABLES, type Variable } from '../../../src/relay/config/variables.ts';

const variables = suite('config: variables');
const TABLE: readonly Variable<unknown>[] = Object.values(VARIABLES);

function read(document: string): string {
  return readFileSync(fileURLToPath(new URL(`../../../${document}`, import.meta.url)), 'utf8');
}

variables("README's table is the table of variables", () => {
  const [, rest = ''] = read('README.md').split('| variable | default | meaning |\n| --- | --- | --- |\n');
  const rows = rest.slice(0, rest.indexOf('\n\n')).split('\n');
  assert.equal(
    rows,
    TABLE.map(({ name, shown, meaning }) => `| \`${name}\` | ${shown} | ${meaning} |`),
  );
});

variables('README names the variables that stop the start', () => {
  const [, list = ''] = /^(`SECRET`[\s\S]*?) are reserved/m.exec(read('README.md')) ?? [];
  assert.equal(
    [...list.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    NOT_BUILT_YET,
  );
});

variables('docs/workers.md names the variables that have no effect on Workers', () => {
  const [, list = ''] = /#run-it\)\. ([^.]*?)\s+have\s+no\s+effect\s+there/.exec(read('docs/workers.md')) ?? [];
  assert.equal(
    [...list.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    TABLE.filter(({ onlyNode }) => onlyNode).map(({ name }) => name),
  );
});

variables('the help names each variable with its default, in lines that fit a terminal', () => {
  const help = helpText();
  for (const { name } of TABLE) assert.match(help, new RegExp(`^  ${name} `, 'm'));
  assert.match(help, /^ {2}HISTORY {9}messages to keep per room \(1 to 1000000\);/m);
  assert.match(help, /\(10000\)/);
  assert.not.match(help, /[`]|\]\(/);
  assert.is(
    help.split('\n').find(line => line.length > 80),
    undefined,
  );
});

variables('no name stands twice', () => {
  const names = [...TABLE.map(({ name }) => name), ...NOT_BUILT_YET];
  assert.is(new Set(names).size, names.length);
});

variables.run();
