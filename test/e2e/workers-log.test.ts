/** The log over a Durable Object's own SQLite, inside a local workerd: the same cases as on Node. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CASES } from '../relay/log/cases.ts';
import { within } from '../support/deadline.ts';
import { WorkersProcess } from '../support/workers-process.ts';

const log = suite('workers: log');
const worker = new WorkersProcess({}, { config: 'test/support/log-worker.toml' });

log.before(async () => {
  await worker.start();
});
log.after(() => worker.dispose());

for (const name of Object.keys(CASES)) {
  log(
    name,
    within(async () => {
      const response = await fetch(`http://${worker.host}/?case=${encodeURIComponent(name)}`);
      assert.is(await response.text(), '');
      assert.is(response.status, 200);
    }),
  );
}

log(
  'reads few rows of a room that is opened again, however many it has',
  within(async () => {
    const response = await fetch(`http://${worker.host}/?rows&case=rows`);
    const rows: Record<string, number> = JSON.parse(await response.text());
    const most = { opening: 60, 'first message': 150, 'second message': 5, keys: 66, page: 201 };
    for (const [step, limit] of Object.entries(most)) {
      const read = rows[step] ?? Number.POSITIVE_INFINITY;
      assert.ok(read <= limit, `${step}: ${read} rows read`);
    }
  }),
);

log.run();
