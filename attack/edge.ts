/**
 * Attacks on the relay on Workers, in a local workerd. It runs everything in one thread, behind two proxies that pass on
 * whatever comes, while on the platform each room has a thread of its own. So the attacker sends no more than that thread
 * can pass on, and what counts is that nobody loses anything.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { WireClient } from '../test/support/wire-client.ts';
import { WorkersProcess } from '../test/support/workers-process.ts';
import { ADDRESS_HEADER } from './address-header.ts';
import type { Attack } from './attack.ts';
import { AttackerProcess } from './attacker-process.ts';
import { ATTACKED_ROOM } from './bystanders.ts';
import { Pair } from './pair.ts';

/** The attacker has so long before the bystanders talk (ms). */
const HEAD_START_MS = 300;
const PAUSE_MS = 150;
/** The attacker waits so long after each write of 4 kB or 100 frames, which are still 5,000 frames a second (ms). */
const PACE_MS = 20;
/** A message that takes longer was held up by more than a busy thread (ms). */
export const MAX_DELAY_MS = 2000;
/** A twentieth of the 10,000 messages that a room keeps by default, in a minute. */
const MAX_STORED = 500;
/** People who fill the room, each from an address of its own, and what each may say at once. */
const FILLERS = 64;
const EACH = 15;
const LETTERS = 1000;

export interface EdgeOutcome {
  readonly attack: string;
  readonly connections: number;
  readonly bytes: number;
  /** The longest time that a bystander's message took (ms). */
  readonly longestMs: number;
  /** Messages of the attacker that were stored. */
  readonly stored: number;
  /** What was lost, refused, closed or stored too much; how long it took is for the caller to judge. */
  readonly faults: readonly string[];
}

export class Edge {
  readonly #relay: WorkersProcess;
  readonly #attacker: AttackerProcess;
  #number = 0;

  private constructor(relay: WorkersProcess, attacker: AttackerProcess) {
    this.#relay = relay;
    this.#attacker = attacker;
  }

  /** Starts a relay with its default limits, and fills the room that is attacked. */
  static async start(): Promise<Edge> {
    const relay = new WorkersProcess();
    const [attacker] = await Promise.all([AttackerProcess.start({ nice: 5 }), relay.start()]);
    const edge = new Edge(relay, attacker);
    await edge.#fill();
    return edge;
  }

  /** Runs an attack while each of the bystanders says so many messages. */
  async withstand({ name }: Attack, messages: number): Promise<EdgeOutcome> {
    const { port } = this.#relay;
    this.#number += 1;
    // Each attack has an address of its own, so that it does not meet what another has used up.
    const address = `203.0.113.${this.#number}`;
    const come = (room: string, address: string) => Pair.come({ port, room, address, isNamed: true });
    const pairs = await Promise.all([
      come(`elsewhere-${name}`, `198.51.100.${this.#number}`),
      come(ATTACKED_ROOM, `192.0.2.${this.#number}`),
      come(`behind-${name}`, address),
    ]);
    const before = await this.#head();
    await this.#attacker.attack(name, {
      port,
      address: '127.0.0.1',
      room: ATTACKED_ROOM,
      named: address,
      paceMs: PACE_MS,
    });
    await wait(HEAD_START_MS);
    const times = await Promise.all(pairs.map(pair => pair.talk(messages, PAUSE_MS).catch(() => Number.NaN)));
    const effort = await this.#attacker.end();
    const stored = (await this.#head()) - before - messages;
    const faults = pairs.flatMap(pair => pair.faults());
    await Promise.all(pairs.map(pair => pair.leave()));
    const longestMs = Math.max(...times);
    if (Number.isNaN(longestMs)) faults.push('a message never came back');
    if (stored > MAX_STORED) faults.push(`${stored} messages of the attacker were stored`);
    return { attack: name, ...effort, longestMs, stored, faults };
  }

  async dispose(): Promise<void> {
    this.#attacker.kill();
    await this.#relay.dispose();
  }

  async #fill(): Promise<void> {
    for (let filler = 0; filler < FILLERS; filler++) {
      const headers = { [ADDRESS_HEADER]: `198.18.0.${filler}` };
      const client = new WireClient(this.#relay.host, `/rooms/${ATTACKED_ROOM}`, headers);
      await client.opened;
      client.send({ type: 'hello', user: 'filler' });
      await client.until('page');
      for (let said = 0; said < EACH; said++) client.say(`${filler}-${said}`, 'x'.repeat(LETTERS));
      await client.until('normal', ({ id }) => id === `${filler}-${EACH - 1}`);
      await client.close();
    }
  }

  async #head(): Promise<number> {
    const path = `http://127.0.0.1:${this.#relay.port}/rooms/${ATTACKED_ROOM}/messages?limit=1`;
    const answer = await fetch(path, { headers: { [ADDRESS_HEADER]: '198.18.1.1' } });
    const { head }: { head: number } = JSON.parse(await answer.text());
    return head;
  }
}
