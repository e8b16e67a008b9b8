/** Two bystanders in a room, of whom one talks and both read: a simpler pair than the load generator's. */
import { setTimeout as wait } from 'node:timers/promises';
import { WireClient } from '../test/support/wire-client.ts';
import { ADDRESS_HEADER } from './address-header.ts';

export interface PairOptions {
  readonly port: number;
  readonly room: string;
  /** The address that they come from. */
  readonly address: string;
  /** Whether they name it in a header, as Cloudflare does, because local workerd does not see it. */
  readonly isNamed?: boolean;
}

export class Pair {
  readonly #room: string;
  readonly #talker: WireClient;
  readonly #listener: WireClient;
  #said = 0;

  private constructor(room: string, talker: WireClient, listener: WireClient) {
    this.#room = room;
    this.#talker = talker;
    this.#listener = listener;
  }

  static async come(options: PairOptions): Promise<Pair> {
    const [talker, listener] = await Promise.all([comeIn(options), comeIn(options)]);
    // A room comes into being with its first message, and an address may make only so many.
    talker.say('first', 'first');
    await listener.message('first');
    return new Pair(options.room, talker, listener);
  }

  /** Says so many messages, each when both have read the one before. Returns the longest time that one took (ms). */
  async talk(count: number, pauseMs: number): Promise<number> {
    const readers = [this.#talker, this.#listener];
    const from = readers.map(({ frames }) => frames.length);
    let longest = 0;
    for (let said = 0; said < count; said++) {
      const id = `${this.#room}-${this.#said++}`;
      const began = performance.now();
      this.#talker.say(id, id);
      await Promise.all(readers.map((reader, index) => reader.until('normal', frame => frame.id === id, from[index])));
      longest = Math.max(longest, performance.now() - began);
      await wait(pauseMs);
    }
    return longest;
  }

  /** What was done to them: frames refused, connections closed, messages lost, twice or out of order. */
  faults(): string[] {
    return [this.#talker, this.#listener].flatMap(client => {
      const faults: string[] = [];
      const refused = client.of('refused');
      if (refused.length > 0) faults.push(`${refused.length} frames refused (${refused[0]?.code})`);
      if (client.ws.readyState !== client.ws.OPEN) faults.push('closed');
      const replayed = client.of('page')[0]?.replay ?? 0;
      const live = client.of('normal').slice(replayed);
      const [first] = live;
      if (live.some(({ seq }, index) => seq !== (first?.seq ?? 0) + index)) faults.push('not each once and in order');
      const own = live.filter(({ id }) => id.startsWith(`${this.#room}-`)).length;
      if (own !== this.#said) faults.push(`${own} of ${this.#said} messages read`);
      return faults.map(fault => `${this.#room}: ${fault}`);
    });
  }

  async leave(): Promise<void> {
    await Promise.all([this.#talker.close(), this.#listener.close()]);
  }
}

async function comeIn({ port, room, address, isNamed = false }: PairOptions): Promise<WireClient> {
  const headers = isNamed ? { [ADDRESS_HEADER]: address } : {};
  const client = new WireClient(`127.0.0.1:${port}`, `/rooms/${room}`, headers, isNamed ? undefined : address);
  await client.opened;
  client.send({ type: 'hello', user: 'bystander' });
  await client.until('page');
  return client;
}
