import { Duplex } from 'node:stream';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { BINARY, TEXT } from '../../../../src/relay/batch.ts';
import { encodeFrames } from '../../../../src/relay/runtime/node/socket.ts';

const socket = suite('runtime/node/socket');

/** What `ws`, as the client it is, reads from these bytes. */
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

socket('makes frames that another implementation reads, at every length that changes the header', async () => {
  const payloads = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000].map(length => 'x'.repeat(length));
  const frames = await readBack(encodeFrames(payloads, TEXT));
  assert.equal(
    frames.map(([text]) => text.length),
    payloads.map(payload => payload.length),
  );
  assert.ok(frames.every(([, isBinary]) => !isBinary));
});

socket('measures text by its bytes, not its characters', async () => {
  const payloads = ['林'.repeat(42), '👩‍👩‍👧'.repeat(30), `${'a'.repeat(124)}é`];
  assert.equal(
    await readBack(encodeFrames(payloads, BINARY), 7),
    payloads.map(payload => [payload, true]),
  );
});

socket.run();
