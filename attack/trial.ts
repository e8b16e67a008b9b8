/** One attack on one relay: its bystanders talk alone, then while it is attacked, and its memory is read before and after. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { onCore, PINNED } from '../bench/programs.ts';
import { RelayProcess } from '../test/support/relay-process.ts';
import { WireClient } from '../test/support/wire-client.ts';
import type { Attack } from './attack.ts';
import { AttackerProcess } from './attacker-process.ts';
import { ATTACKED_ROOM, ATTACKER, Bystanders, LOAD_CORE } from './bystanders.ts';
import type { FullRoom } from './full-room.ts';
import { isMemoryBack, type Outcome } from './judge.ts';
import { descriptorsOf, memoryOf, Probe } from './probe.ts';

export interface TrialOptions {
  /** The compiled load generator. */
  readonly program: string;
  readonly fullRoom: FullRoom;
  /** How long the bystanders are measured, alone and under attack (s). */
  readonly seconds: number;
  readonly heapMb: number;
}

const RELAY_CORE = 0;
/** The attack goes on for so long before the bystanders are measured. */
const HEAD_START_MS = 300;
const SAMPLE_MS = 50;
/** Visitors who come and go before the attack. */
const VISITORS = 200;
const NEWCOMER_EVERY_MS = 500;
/**
 * Where the attack is rehearsed from, an address that no limit holds back later. Before its memory is read, the relay is
 * attacked for as long as it will be: the C library keeps the pages of memory that was freed, V8 the code that it has
 * compiled, and a second attack may not add to that.
 */
const REHEARSING = '127.0.3.1';
/** After fewer seconds than this the C library's heap is still growing to the size that it keeps under the attack. */
const LEAST_REHEARSAL_S = 10;
/** How long the relay may take to close what the attacker has left, and to give its memory back. */
const SETTLE_MS = 15_000;

/** Runs one attack. */
export async function tryAttack(attack: Attack, options: TrialOptions): Promise<Outcome> {
  const { program, fullRoom, heapMb } = options;
  const seconds = Math.max(options.seconds, attack.seconds ?? 0);
  const probe = new Probe(heapMb);
  const relay = new RelayProcess(probe.env);
  const attacker = await AttackerProcess.start({ nice: 19, prefix: onCore(LOAD_CORE, []) });
  let bystanders: Bystanders | undefined;
  try {
    if (attack.full) await fullRoom.copyTo(relay.data, ATTACKED_ROOM);
    await relay.start();
    const { port, pid = 0 } = relay;
    if (PINNED) spawnSync('taskset', ['-a', '-c', '-p', `${RELAY_CORE}`, `${pid}`]);
    if (attack.unreadLog) relay.ignoreOutput();
    bystanders = new Bystanders(program, { port, pid, seconds });
    const alone = await bystanders.first();
    // What visitors who mean no harm leave behind, such as compiled code, is not the attack's.
    await Promise.all(Array.from({ length: VISITORS }, (_, index) => comeIn(port, `127.0.2.${1 + index}`)));
    await probe.collect();
    const fresh = memoryOf(pid);
    await attacker.attack(attack.name, { port, address: REHEARSING, room: ATTACKED_ROOM });
    await wait(Math.max(seconds, LEAST_REHEARSAL_S) * 1000);
    await attacker.end();
    await collectAll(probe, pid);
    await probe.read();
    const before = { memory: memoryOf(pid), descriptors: descriptorsOf(pid), head: await headOf(relay) };

    const watch = watchProcess(pid);
    await attacker.attack(attack.name, { port, address: ATTACKER, room: ATTACKED_ROOM });
    await wait(HEAD_START_MS);
    const newcomers = comeAgain(relay);
    const attacked = await bystanders.second();
    const newcomersMs = await newcomers.stop();
    const effort = await attacker.end();
    attacker.kill();
    const peak = watch.stop();
    const survived = memoryOf(pid) > 0;
    const { longestTurnMs } = survived ? await probe.read() : { longestTurnMs: 0 };
    const said = attacked.find(({ name }) => name === 'same')?.sent ?? 0;
    const stored = survived ? (await headOf(relay)) - before.head - said : 0;
    const after = survived ? await settle(pid, probe, before) : { memory: 0, descriptors: 0 };
    return {
      attack: attack.name,
      title: attack.title,
      effort,
      seconds,
      alone,
      attacked,
      newcomersMs,
      longestTurnMs,
      memory: { fresh, before: before.memory, peak: peak.memory, after: after.memory },
      descriptors: { before: before.descriptors, peak: peak.descriptors, after: after.descriptors },
      stored,
      survived,
    };
  } finally {
    attacker.kill();
    bystanders?.kill();
    await relay.dispose();
    probe.dispose();
  }
}

interface State {
  readonly memory: number;
  readonly descriptors: number;
}

/** The most memory and descriptors that a process has at any time until `stop`. */
function watchProcess(pid: number): { stop: () => State } {
  let [memory, descriptors] = [0, 0];
  const look = () => {
    memory = Math.max(memory, memoryOf(pid));
    descriptors = Math.max(descriptors, descriptorsOf(pid));
  };
  const timer = setInterval(look, SAMPLE_MS);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return { memory, descriptors };
    },
  };
}

/** Lets a newcomer in every half second, each from an address of its own, and takes the time until it is in its room. */
function comeAgain({ port }: RelayProcess): { stop: () => Promise<(number | null)[]> } {
  const waits: Promise<number | null>[] = [];
  const timer = setInterval(() => waits.push(comeIn(port, `127.0.1.${1 + (waits.length % 250)}`)), NEWCOMER_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return Promise.all(waits);
    },
  };
}

async function comeIn(port: number, address: string): Promise<number | null> {
  const began = performance.now();
  const client = new WireClient(`127.0.0.1:${port}`, '/rooms/newcomers', {}, address);
  try {
    await client.opened;
    client.send({ type: 'hello', user: 'newcomer' });
    await client.until('page');
    return performance.now() - began;
  } catch {
    return null;
  } finally {
    client.ws.terminate();
  }
}

/** The `seq` of the newest message in the attacked room. */
async function headOf({ port }: RelayProcess): Promise<number> {
  const path = `/rooms/${ATTACKED_ROOM}/messages?limit=1`;
  const request = get({ port, path, agent: false, localAddress: '127.0.0.4', host: '127.0.0.1' });
  const [answer]: IncomingMessage[] = await once(request, 'response');
  if (!answer) throw new Error('no answer');
  let text = '';
  for await (const data of answer) text += data;
  const { head }: { head: number } = JSON.parse(text);
  return head;
}

/** Collects garbage until that gives back no more memory. */
async function collectAll(probe: Probe, pid: number): Promise<void> {
  for (let former = Number.POSITIVE_INFINITY; memoryOf(pid) < former; ) {
    former = memoryOf(pid);
    await probe.collect();
  }
}

/** Waits until the relay has closed what was left and given its memory back, or should have. */
async function settle(pid: number, probe: Probe, before: State): Promise<State> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    await probe.collect();
    const now = { memory: memoryOf(pid), descriptors: descriptorsOf(pid) };
    if (Date.now() > deadline) return now;
    if (isMemoryBack(before.memory, now.memory) && now.descriptors <= before.descriptors) return now;
    await wait(NEWCOMER_EVERY_MS);
  }
}
