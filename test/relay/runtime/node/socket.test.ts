import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket, WebSocketServer } from 'ws';
import { Batch, BINARY, TEXT } from '../../../../src/relay/room/batch.ts';
import { holdFrames, releaseFrames } from '../../../../src/relay/runtime/node/frame-reader.ts';
import { encodeFrames, NodeSocket } from '../../../../src/relay/runtime/node/socket.ts';
import { within } from '../../../support/deadline.ts';

const socket = suite('runtime/node/socket');

/** Returns what a client of `ws` reads from these bytes. */
async function readBack(bytes: Uint8Array, chunk = bytes.length): Promise<[string, boolean][]> {
  const stream = new Duplex({ read() {}, write: (_data, _encoding, done) => done() });
  const client = Reflect.construct(WebSocket, [null, undefined, {}]);
  const frames: [string, boolean][] = [];
  client.on('message', (data: Buffer, isBinary: boolean) => frames.push([data.toString(), isBinary]));
  Object.assign(stream, { setTimeout() {}, setNoDelay() {} });
  Object.assign(client, { _isServer: false });
  client.setSocket(stream, Buffer.alloc(0), { allowSynchronousEvents: true, maxPayload: 0, skipUTF8Validation: false });
  for (let at = 0; at < bytes.length; at += chunk) stream.push(bytes.subarray(at, at + chunk));
  stream.push(null);
  await new Promise(done => client.on('close', done));
  return frames;
}

socket('encodes frames that another implementation can read, at every length that changes the header', async () => {
  const payloads = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000].map(length => 'x'.repeat(length));
  const frames = await readBack(encodeFrames(payloads, TEXT));
  assert.equal(
    frames.map(([text]) => text.length),
    payloads.map(payload => payload.length),
  );
  assert.ok(frames.every(([, isBinary]) => !isBinary));
});

socket('encodes the length in bytes, not characters', async () => {
  const payloads = ['林'.repeat(42), '👩‍👩‍👧'.repeat(30), `${'a'.repeat(124)}é`];
  assert.equal(
    await readBack(encodeFrames(payloads, BINARY), 7),
    payloads.map(payload => [payload, true]),
  );
});

/** Connects over a real socket. Returns the relay's end, and what the other end has read. */
async function connect() {
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const http = createServer();
  http.on('upgrade', (request, tcp, head) => {
    holdFrames(request.socket);
    // The client sends on meanwhile.
    setImmediate(() => {
      releaseFrames(request.socket);
      server.handleUpgrade(request, tcp, head, ws => server.emit('connection', ws, request));
    });
  });
  http.listen(0);
  await once(http, 'listening');
  const address = http.address();
  const connected: Promise<[WebSocket, IncomingMessage]> = new Promise(resolve => {
    server.once('connection', (...accepted) => resolve(accepted));
  });
  const client = new WebSocket(`ws://localhost:${typeof address === 'object' ? address?.port : 0}`);
  const read: string[] = [];
  client.on('message', data => read.push(data.toString()));
  const [ws, { socket: tcp }] = await connected;
  if (client.readyState !== WebSocket.OPEN) await once(client, 'open');
  const readUntil = async (text: string) => {
    while (read.at(-1) !== text) await once(client, 'message');
    return read;
  };
  const close = () => {
    client.terminate();
    http.close();
  };
  return { socket: new NodeSocket(ws, tcp, { opcode: TEXT }), ws, tcp, client, readUntil, close };
}

socket(
  'writes directly to the system, bypassing the stream, as long as it accepts everything',
  within(async () => {
    const { socket, tcp, readUntil, close } = await connect();
    Object.assign(tcp, { write: () => assert.unreachable() });
    socket.write(new Batch(['one', 'two']));
    socket.write(new Batch(['three']));
    assert.equal(await readUntil('three'), ['one', 'two', 'three']);
    close();
  }),
);

socket(
  'keeps the order if the other end does not read for a while, and reports queued and flushed bytes',
  within(async () => {
    const { socket, tcp, client, readUntil, close } = await connect();
    client.pause();
    const sent: string[] = [];
    while (sent.length < 40) {
      sent.push(`${sent.length} ${'x'.repeat(500_000)}`);
      socket.write(new Batch(sent.slice(-1)));
    }
    assert.ok(socket.buffered > 1_000_000, `${socket.buffered}`);
    const drained = socket.flushed;
    client.resume();
    assert.equal(await readUntil(sent.at(-1) ?? ''), sent);
    if (tcp.writableLength > 0) await once(tcp, 'drain');
    assert.is(socket.buffered, 0);
    assert.ok(socket.flushed > drained + 1_000_000);
    socket.write(new Batch(['directly again']));
    await readUntil('directly again');
    close();
  }),
);

socket(
  'reports flushed bytes of a write that is not complete',
  within(async () => {
    const { socket, client, readUntil, close } = await connect();
    client.pause();
    const text = 'x'.repeat(30_000_000);
    socket.write(new Batch([text]));
    const [waiting, drained] = [socket.buffered, socket.flushed];
    client.resume();
    while (socket.flushed === drained) await new Promise(resolve => setImmediate(resolve));
    assert.is(socket.buffered, waiting, 'the whole write is not complete');
    await readUntil(text);
    close();
  }),
);

socket(
  'reads again only when every pause has been resumed',
  within(async () => {
    const { socket, ws, close } = await connect();
    socket.pause();
    socket.pause();
    assert.ok(ws.isPaused);
    socket.resume();
    assert.ok(ws.isPaused);
    socket.resume();
    assert.not(ws.isPaused);
    close();
  }),
);

/** Records the texts that a socket receives. */
function record(
  { socket, ws }: { socket: NodeSocket; ws: WebSocket },
  onReceived: (received: readonly string[]) => void,
): string[] {
  const received: string[] = [];
  const onText = (text: string) => {
    received.push(text);
    onReceived(received);
  };
  socket.listen({ onText, onDrain() {}, onFault: assert.unreachable });
  // A frame that was not read at once.
  ws.on('message', data => onText(data.toString()));
  return received;
}

socket(
  'receives no further frame while it is paused, not even of those that have arrived, and then all in order',
  within(async () => {
    const connected = await connect();
    const { socket, ws, client, close } = connected;
    let pauses = 0;
    const received = record(connected, ({ length }) => {
      assert.not(ws.isPaused, 'paused');
      if (length % 100 !== 50) return;
      pauses += 1;
      socket.pause();
      setImmediate(() => socket.resume());
    });
    const sent = Array.from({ length: 5000 }, (_, index) => `${index}`);
    for (const text of sent) client.send(text);
    client.close(1000);
    await once(ws, 'close');
    assert.equal(received, sent);
    assert.is(pauses, 50);
    close();
  }),
);

socket(
  'receives nothing more when it is reset while it is paused',
  within(async () => {
    const connected = await connect();
    const { socket, ws, tcp, client, close } = connected;
    const paused = new Promise<void>(resolve => {
      record(connected, ({ length }) => {
        assert.is(length, 1);
        socket.pause();
        resolve();
      });
    });
    for (let index = 0; index < 5000; index++) client.send('x'.repeat(100));
    await paused;
    assert.is(tcp.readableLength, 0, 'what it does not want, it does not read');
    client.terminate();
    // A paused socket learns of its end when it is written to.
    while (ws.readyState !== WebSocket.CLOSED) {
      socket.write(new Batch(['x']));
      await new Promise(resolve => setImmediate(resolve));
    }
    close();
  }),
);

socket(
  'goes on if it is resumed at once',
  within(async () => {
    const connected = await connect();
    const { socket, ws, client, close } = connected;
    const received = record(connected, () => {
      socket.pause();
      socket.pause();
      socket.resume();
      socket.resume();
    });
    const sent = Array.from({ length: 1000 }, (_, index) => `${index}`);
    for (const text of sent) client.send(text);
    client.close(1000);
    await once(ws, 'close');
    assert.equal(received, sent);
    close();
  }),
);

socket(
  'reads into a buffer that all sockets share, and what each of them sends remains its own',
  within(async () => {
    const all = await Promise.all([connect(), connect(), connect()]);
    const texts = Array.from({ length: 200 }, (_, index) => `${index} ${'林x'.repeat((index * 37) % 3000)}`);
    const received = all.map(connected => record(connected, () => {}));
    for (const { tcp } of all) tcp.on('data', () => assert.unreachable('Node has allocated memory for a read'));
    for (const text of texts) for (const { client } of all) client.send(text);
    for (const { client } of all) client.close(1000);
    await Promise.all(all.map(({ ws }) => once(ws, 'close')));
    for (const one of received) assert.equal(one, texts);
    for (const { close } of all) close();
  }),
);

socket(
  'does not write to the descriptor of a closed socket, because it may belong to another one by now',
  within(async () => {
    const { socket, tcp, client, close } = await connect();
    tcp.destroy();
    const other = await connect();
    socket.write(new Batch(['not for you']));
    other.socket.write(new Batch(['for you']));
    assert.equal(await other.readUntil('for you'), ['for you']);
    if (client.readyState !== WebSocket.CLOSED) await once(client, 'close');
    close();
    other.close();
  }),
);

socket.run();
