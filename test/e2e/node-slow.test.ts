/** Slow readers on real sockets: they use bounded memory, delay nobody, and receive everything in the end. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PING } from '../../src/protocol/frames.ts';
import { within } from '../support/deadline.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { WireClient } from '../support/wire-client.ts';

const TEST_MS = 60_000;
/** More than the relay's limit and the system's own buffers for one connection together. */
const MESSAGES = 4000;
const TEXT = 'x'.repeat(4000);
const SLEEPERS = 20;
/** The limit of 1 MiB for each, and what a busy relay itself needs. The unread messages are 320 MB. */
const MAX_SLEEPERS_BYTES = 130_000_000;
/** Far less than all the pings and their answers. */
const MAX_GROWTH_BYTES = 120_000_000;

const slow = suite<{ relay: RelayProcess }>('node: slow readers');

slow.before.each(async context => {
  context.relay = await new RelayProcess({ RATE: '0', MAX_PER_ADDRESS: '0', LOG_LEVEL: 'info' }).start();
});
slow.after.each(({ relay }) => relay.dispose());

slow(
  'a client that does not read delays nobody, uses little memory, and gets everything once it reads again',
  ({ relay }) =>
    within(async () => {
      const [talker, other, ...sleepers] = await Promise.all(
        Array.from({ length: 2 + SLEEPERS }, (_, index) => WireClient.join(relay.host, 'a', `u${index}`)),
      );
      if (!talker || !other) return assert.unreachable();
      for (const sleeper of sleepers) sleeper.ws.pause();
      const before = memoryOf(relay);
      let most = 0;
      for (let index = 0; index < MESSAGES; index++) {
        talker.say(`m${index}`, `${index} ${TEXT}`);
        if (index % 200 < 199) continue;
        // Nobody waits for the sleepers, which do not read at all.
        await other.until('normal', frame => frame.id === `m${index}`, Math.max(0, other.frames.length - 400));
        most = Math.max(most, memoryOf(relay) - before);
      }
      assert.ok(most < MAX_SLEEPERS_BYTES, `the relay grew by ${most} bytes`);
      const caughtUp = sleepers.map(sleeper => readPages(sleeper, 'last'));
      for (const sleeper of sleepers) sleeper.ws.resume();
      talker.say('last', 'live again');
      await Promise.all(caughtUp);
      const all = [...Array.from({ length: MESSAGES }, (_, index) => `m${index}`), 'last'];
      for (const sleeper of sleepers) {
        assert.equal(
          sleeper.of('normal').map(({ id }) => id),
          all,
        );
        assert.ok(sleeper.of('page').length > 2, 'it was behind, and read pages');
        assert.ok(sleeper.of('page').every(({ missed }) => missed === 0));
      }
      for (const client of [talker, other, ...sleepers]) client.ws.terminate();
    }, TEST_MS)(),
);

slow('if a client does not read the answers to its pings, the relay stops reading from it', ({ relay }) =>
  within(async () => {
    const socket = await upgrade(relay.port);
    socket.pause();
    const before = memoryOf(relay);
    const pings = Buffer.concat(Array.from({ length: 10_000 }, () => maskedFrame(PING)));
    let blocked = false;
    for (let sent = 0; sent < 400 && !blocked; sent++) {
      if (!socket.write(pings)) blocked = await staysBlocked(socket);
    }
    assert.ok(blocked, 'the relay did not stop reading');
    assert.ok(memoryOf(relay) - before < MAX_GROWTH_BYTES, `the relay grew by ${memoryOf(relay) - before} bytes`);
    const client = await WireClient.join(relay.host, 'a', 'undisturbed');
    await client.pong();
    await client.close();

    const answers = once(socket, 'data');
    socket.resume();
    if (socket.writableNeedDrain) await once(socket, 'drain');
    await answers;
    socket.destroy();
  }, TEST_MS)(),
);

slow.run();

/** Asks for page after page, as a client does, until the message with this id has arrived. */
function readPages(client: WireClient, id: string): Promise<void> {
  let [replay, more] = [0, false];
  return new Promise(resolve => {
    client.ws.on('message', () => {
      const frame = client.frames.at(-1);
      if (frame?.type === 'page') [replay, more] = [frame.replay, frame.more];
      if (frame?.type !== 'normal') return;
      if (frame.id === id) resolve();
      if (replay > 0 && --replay === 0 && more) client.send({ type: 'more', after: frame.seq });
    });
  });
}

/** The relay's resident memory in bytes; 0 if the system does not report it. */
function memoryOf({ pid }: RelayProcess): number {
  const status = `/proc/${pid}/status`;
  if (!existsSync(status)) return 0;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1] ?? 0) * 1024;
}

/** Opens a TCP connection and upgrades it to a room. */
function upgrade(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, 'localhost', () => {
      socket.write(
        'GET /rooms/a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
          'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
      );
    });
    socket.on('error', reject);
    socket.once('data', () => {
      socket.write(maskedFrame('{"type":"hello","user":"asks"}'));
      resolve(socket);
    });
  });
}

/** A client's text frame of less than 126 bytes, masked with zeros (RFC 6455, section 5). */
function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

/** Whether the socket stays blocked for a while, because the other end does not read. */
function staysBlocked(socket: Socket): Promise<boolean> {
  return new Promise(resolve => {
    const drained = () => {
      clearTimeout(timer);
      resolve(false);
    };
    const timer = setTimeout(() => {
      socket.off('drain', drained);
      resolve(true);
    }, 1500);
    socket.once('drain', drained);
  });
}
