/**
 * What a room on Workers costs, in the rows that its object reads and writes: the table in docs/workers.md says the same.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { WireClient } from '../support/wire-client.ts';
import { WorkersProcess } from '../support/workers-process.ts';

const DOCS = fileURLToPath(new URL('../../docs/workers.md', import.meta.url));
/** An idle object sleeps after 10 s, later on a busy machine. */
const ASLEEP_MS = 12_000;
const MESSAGES = 300;

const costs = suite('workers: costs');
const relay = new WorkersProcess(
  { RATE: '0', BURST: '1000', MAX_PER_ADDRESS: '0' },
  { config: 'test/support/counting-worker.toml' },
);

costs.before(async () => {
  await relay.start();
});
costs.after(() => relay.dispose());

interface Counts {
  readonly wakes: number;
  readonly read: number;
  readonly written: number;
}

/** The counts of a room so far. An alarm counts as a written row. */
async function countsOf(room: string): Promise<Counts> {
  const response = await fetch(`http://${relay.host}/counts?room=${room}`);
  const { alarms, ...counts }: Counts & { alarms: number } = await response.json();
  return { ...counts, written: counts.written + alarms };
}

/** What `act` costs in a room. */
async function costOf(room: string, act: () => Promise<unknown>): Promise<Counts> {
  const before = await countsOf(room);
  await act();
  const { wakes, read, written } = await countsOf(room);
  return { wakes: wakes - before.wakes, read: read - before.read, written: written - before.written };
}

/** The rows read and written that the documentation names for an event. */
function documented(event: string): { read: number; written: number } {
  const line = readFileSync(DOCS, 'utf8')
    .split('\n')
    .find(line => line.startsWith(`| ${event} |`));
  const [, , read, written] = (line ?? '').split('|').map(cell => cell.trim());
  if (read === undefined || written === undefined) throw new Error(`${DOCS} does not name what ${event} costs`);
  return { read: Number(read), written: Number(written) };
}

/** Fails if something costs more rows than documented, or so much less that the documentation is wrong. */
function matches(event: string, { read, written }: Counts): void {
  process.stdout.write(`${event}: ${read} rows read, ${written} written\n`);
  const most = documented(event);
  assert.is(written, most.written, event);
  assert.ok(read <= most.read && read >= most.read / 2, `${event}: ${read} rows read`);
}

const asleep = () => new Promise(resolve => setTimeout(resolve, ASLEEP_MS));

costs(
  'reading a room that never was writes nothing',
  within(async () => {
    const read = async () => {
      const response = await fetch(`http://${relay.host}/rooms/never/messages`);
      assert.is(response.status, 200);
      await response.text();
    };
    matches('reading the messages of a room that never was', await costOf('never', read));
  }),
);

costs(
  'a visit, a message, a wake and an alarm cost what the documentation says',
  within(async () => {
    const room = 'priced';
    const visit = await costOf(room, async () => {
      const page = await fetch(`http://${relay.host}/rooms/${room}`);
      await page.text();
      await (await WireClient.join(relay.host, room, 'visitor')).close();
    });
    matches('the first visit to a room', visit);
    const key = 'a-secret-key-0123456789';
    const a = await WireClient.join(relay.host, room, 'a', { key });
    const say = (text: string) => {
      a.say(text, text);
      return a.message(text);
    };
    matches('its first message', await costOf(room, () => say('first')));
    matches('another message', await costOf(room, () => say('second')));
    for (let count = 0; count < MESSAGES; count++) await say(`m${count}`);
    matches('a later visit', await costOf(room, async () => (await WireClient.join(relay.host, room, 'b')).close()));
    await asleep();
    const woken = await costOf(room, () => say('woken'));
    assert.is(woken.wakes, 1);
    matches('a message that wakes the room', woken);
    await asleep();
    const rung = await costOf(room, () => fetch(`http://${relay.host}/alarm?room=${room}`));
    assert.is(rung.wakes, 1);
    matches('the alarm of a room in which somebody is', rung);
    await asleep();
    const retried = await costOf(room, async () => {
      const from = a.frames.length;
      a.say('m1', 'm1', { again: true });
      await a.until('normal', ({ id }) => id === 'm1', from);
    });
    assert.is(retried.wakes, 1);
    matches('a retry that wakes the room', retried);
    await a.close();
  }, 120_000),
);

costs.run();
