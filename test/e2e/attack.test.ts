/**
 * Each attack of `npm run attack` for a second. Bystanders talk meanwhile: one pair in another room and one in the attacked
 * room, from other addresses, and one behind the attacker's own. It is judged by counts, and by the CPU time of the
 * longest turn, so that the machine's speed does not matter.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Attack } from '../../attack/attack.ts';
import { AttackerProcess } from '../../attack/attacker-process.ts';
import { ATTACKS } from '../../attack/attacks.ts';
import { FullRoom } from '../../attack/full-room.ts';
import { Pair } from '../../attack/pair.ts';
import { descriptorsOf, memoryOf, Probe } from '../../attack/probe.ts';
import { within } from '../support/deadline.ts';
import { RelayProcess } from '../support/relay-process.ts';

const ROOM = 'attacked';
const HEAP_MB = 256;
/** How long the attacker has before the bystanders talk (ms). */
const HEAD_START_MS = 300;
/** Each bystander says so many messages, one after the other. */
const MESSAGES = 4;
const PAUSE_MS = 150;
/** Enough for code that runs for the first time, on a busy machine; an attack that is not held off makes turns of seconds. */
const MAX_TURN_MS = 120;
/**
 * Ever new connections use up the rates of their address. Behind it, only people are safe who have been quiet there for a
 * while, so in these attacks they are; `npm run attack` begins with everyone new.
 */
const NEEDS_SETTLED = ['fresh-buckets', 'rooms'];
/** From then on, a connection goes before others at its address (ms): with the default rates, after four seconds. */
const SETTLED_MS = 4500;
/** How long the relay may take to close what the attacker has left. */
const CLOSE_MS = 10_000;

interface Context {
  relay: RelayProcess;
  probe: Probe;
  attacker: AttackerProcess;
  /** The pairs that were there long before the attack from their address, by the attack's name. */
  settled: Map<string, Pair>;
}

const attack = suite<Context>('attacks');

attack.before(async context => {
  context.probe = new Probe(HEAP_MB);
  context.relay = new RelayProcess(context.probe.env);
  const fullRoom = new FullRoom();
  [context.attacker] = await Promise.all([
    AttackerProcess.start({ nice: 5 }),
    fullRoom.copyTo(context.relay.data, ROOM),
  ]);
  fullRoom.dispose();
  await context.relay.start();
  context.settled = new Map();
  for (const { name, address } of attacks) {
    if (NEEDS_SETTLED.includes(name)) context.settled.set(name, await come(context, `behind-${name}`, address));
  }
  await wait(SETTLED_MS);
});
// An attack that has ended the relay must not fail the next one too.
attack.before.each(async ({ relay }) => {
  if (memoryOf(relay.pid ?? 0) === 0) await relay.start();
});
attack.after(async ({ relay, probe, attacker }) => {
  attacker.kill();
  await relay.dispose();
  probe.dispose();
});

const come = ({ relay: { port } }: Pick<Context, 'relay'>, room: string, address: string) =>
  Pair.come({ port, room, address });

async function withstand({ name, unreadLog, address }: Placed, { relay, probe, attacker, settled }: Context) {
  const { port, pid = 0 } = relay;
  if (unreadLog) relay.ignoreOutput();
  const descriptors = descriptorsOf(pid);
  const pairs = await Promise.all([
    come({ relay }, 'elsewhere', '127.0.0.2'),
    come({ relay }, ROOM, '127.0.0.3'),
    settled.get(name) ?? come({ relay }, `behind-${name}`, address),
  ]);
  await probe.read();
  await attacker.attack(name, { port, address, room: ROOM });
  try {
    await wait(HEAD_START_MS);
    await Promise.all(pairs.map(pair => pair.talk(MESSAGES, PAUSE_MS)));
  } finally {
    const { bytes, connections } = await attacker.end();
    assert.ok(connections > 0 && (bytes > 0 || name === 'silent'), 'the attacker did nothing');
  }
  const { longestTurnMs } = await probe.read();
  assert.equal(
    pairs.flatMap(pair => pair.faults()),
    [],
  );
  assert.ok(longestTurnMs < MAX_TURN_MS, `a turn took ${longestTurnMs} ms of CPU time`);
  await Promise.all(pairs.map(pair => pair.leave()));
  for (const deadline = Date.now() + CLOSE_MS; descriptorsOf(pid) > descriptors; await wait(PAUSE_MS)) {
    assert.ok(Date.now() < deadline, `${descriptorsOf(pid) - descriptors} descriptors stay open`);
  }
}

/** An attack, and the address that it comes from: one of its own, so that it does not meet what another has used up. */
interface Placed extends Attack {
  readonly address: string;
}

/** Those first that need settled bystanders. The last ones leave the relay's output unread. */
const orderOf = ({ name, unreadLog }: Attack) => (unreadLog ? 2 : Number(!NEEDS_SETTLED.includes(name)));
const attacks: readonly Placed[] = ATTACKS.toSorted((a, b) => orderOf(a) - orderOf(b)).map((item, index) => ({
  ...item,
  address: `127.0.66.${1 + index}`,
}));
for (const item of attacks) {
  attack(`${item.name}: ${item.title}`, context => within(() => withstand(item, context))());
}

attack.run();
