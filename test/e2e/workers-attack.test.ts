/**
 * Each attack of `npm run attack -- --edge`, for a second, on a relay in a local workerd: the bystanders lose nothing, and
 * are refused nothing.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ATTACKS } from '../../attack/attacks.ts';
import { Edge } from '../../attack/edge.ts';
import { within } from '../support/deadline.ts';

const MESSAGES = 4;

const attack = suite<{ edge: Edge }>('attacks on Workers');

attack.before(async context => {
  context.edge = await Edge.start();
});
attack.after(({ edge }) => edge?.dispose());

for (const item of ATTACKS.filter(({ edge }) => edge)) {
  attack(`${item.name}: ${item.title}`, ({ edge }) =>
    within(async () => {
      const { faults, connections } = await edge.withstand(item, MESSAGES);
      assert.equal(faults, []);
      assert.ok(connections > 0, 'the attacker did nothing');
    })(),
  );
}

attack.run();
