/**
 * A platform that loses frames without a word: clients of the real kind talk over a scripted object that swallows,
 * drops, stalls, sleeps and cuts at random. Nobody may lose, repeat or reorder a message.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Client, createClient, type WebSocketLike } from '../../src/web/client/client.ts';
import { type ObjectSocket, ScriptedObject } from '../support/scripted-object.ts';

const holes = suite('runtime/workers: holes');
const SEEDS = 100;
const STEPS = 70;
/** Small, so that a client that comes back needs several pages. */
const PAGE_BYTES = 700;

/** A random number generator with a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4_294_967_296;
  };
}

class Person {
  readonly client: Client;
  /** The newest socket at the object's end. */
  socket: ObjectSocket | undefined;
  readonly said: string[] = [];
  /** The seq and the text of each message that it shows, in order. */
  shown: { seq: number; message: string }[] = [];

  constructor(object: ScriptedObject, user: string, { random, wrap }: PersonOptions) {
    const connect = () =>
      wrap(
        object.dial(socket => {
          this.socket = socket;
        }),
      );
    this.client = createClient(
      'wss://relay.example/rooms/a',
      { user, key: `${user}-0123456789abcdef`, clock: object.clock, random, connect },
      {
        message: ({ seq, message }) => this.shown.push({ seq, message }),
        reset: () => {
          this.shown = [];
        },
      },
    );
    this.client.open();
  }

  say(text: string): void {
    this.said.push(text);
    this.client.say(text);
  }
}

interface PersonOptions {
  readonly random: () => number;
  readonly wrap: (socket: WebSocketLike) => WebSocketLike;
}

/** Hides every gap from a client: each place that is left out is filled with an entry that shows nothing. */
function hideGaps(): (socket: WebSocketLike) => WebSocketLike {
  let last: number | undefined;
  return socket => {
    const shell: WebSocketLike = {
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
      get readyState() {
        return socket.readyState;
      },
      send: text => socket.send(text),
      close: code => socket.close(code),
    };
    let left = 0;
    socket.onopen = () => shell.onopen?.();
    socket.onclose = event => shell.onclose?.(event);
    socket.onmessage = event => {
      const frame = JSON.parse(String(event.data));
      if (frame.type === 'page') left = frame.replay;
      if (typeof frame.seq === 'number') {
        if (left > 0) left -= 1;
        else if (last !== undefined) {
          for (let seq = last + 1; seq < frame.seq; seq++) shell.onmessage?.({ data: `{"type":"gone","seq":${seq}}` });
        }
        last = Math.max(last ?? 0, frame.seq);
      }
      shell.onmessage?.(event);
    };
    return shell;
  };
}

const seen = (socket: WebSocketLike) => socket;

/** Plays one seed. Returns what went wrong. */
async function play(seed: number, wrapOf: () => PersonOptions['wrap']): Promise<string[]> {
  const random = randomOf(seed);
  const upTo = (count: number) => Math.floor(random() * count);
  const object = new ScriptedObject({ pageBytes: PAGE_BYTES });
  const people = ['a', 'b', 'c'].map(user => new Person(object, user, { random, wrap: wrapOf() }));
  await object.wind(3000);
  for (let step = 0; step < STEPS; step++) {
    const person = people[upTo(people.length)];
    const socket = person?.socket;
    if (!person || !socket) continue;
    const dice = random();
    if (dice < 0.45) person.say(`${seed}/${step} ${'x'.repeat(upTo(120))}`);
    else if (dice < 0.6) await object.wind(upTo(4000));
    else if (dice < 0.66) await object.wind(12_000);
    else if (dice < 0.74) socket.drops = 1 + upTo(4);
    else if (dice < 0.84) {
      socket.swallows = true;
      if (random() < 0.5) socket.readyState = 3;
    } else if (dice < 0.9) socket.stalled = true;
    else if (dice < 0.96) socket.heal();
    else object.cut(socket);
  }
  for (const ws of object.sockets) ws.heal();
  await object.wind(60_000);
  for (const ws of object.sockets) ws.heal();
  // Whoever has not noticed yet notices with the next message.
  for (const [index, person] of people.entries()) person.say(`last ${index}`);
  await object.wind(60_000);
  const wrong: string[] = [];
  const expected = people.flatMap(({ said }) => said);
  const { log } = object;
  if (log.length !== expected.length || new Set(log).size !== log.length) wrong.push('the log has other messages');
  for (const { client, said, shown } of people) {
    const name = `${client.user} of seed ${seed}`;
    if (client.outgoing.length > 0) wrong.push(`${name}: ${client.outgoing.length} unsent`);
    const own = log.filter(text => said.includes(text));
    if (own.join() !== said.join()) wrong.push(`${name}: its messages are stored in another order`);
    const texts = shown.map(({ message }) => message).join();
    if (texts !== log.slice(log.length - shown.length).join() || shown.length < people.length) {
      wrong.push(`${name}: shows ${shown.map(({ seq }) => seq).join()} of ${log.length}`);
    }
  }
  for (const fault of object.faults) wrong.push(`seed ${seed}: ${fault}`);
  for (const { client } of people) client.dispose();
  return wrong;
}

holes(`nothing is lost, repeated or reordered in ${SEEDS} seeds`, async () => {
  const wrong: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) wrong.push(...(await play(seed, () => seen)));
  assert.equal(wrong, []);
});

holes('messages are lost by a client that does not see gaps, so the seeds can tell', async () => {
  const wrong: string[] = [];
  for (let seed = 1; seed <= 10; seed++) wrong.push(...(await play(seed, hideGaps)));
  assert.ok(wrong.some(text => text.includes('shows')));
});

holes.run();
