/** Whatever arrives, and in whatever pieces, the reader handles as `ws` alone would. */
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { readFrames } from '../../../../src/relay/runtime/node/frame-reader.ts';

const frames = suite('runtime/node/frame-reader');

const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];
const MAX_PAYLOAD = 65_536;

interface Frame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly fin?: boolean;
  readonly rsv?: number;
  readonly masked?: boolean;
  /** The bytes in which the length stands, if they are not as few as possible. */
  readonly lengthBytes?: number;
}

/** Encodes a frame as a client does (RFC 6455, section 5.2). */
function encode({ opcode, payload, fin = true, rsv = 0, masked = true, lengthBytes }: Frame): Buffer {
  const { length } = payload;
  const bytes = lengthBytes ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const header = Buffer.alloc(2 + bytes);
  header[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  header[1] = (masked ? 0x80 : 0) | (bytes === 0 ? length : bytes === 2 ? 126 : 127);
  if (bytes === 2) header.writeUInt16BE(length, 2);
  if (bytes === 8) header.writeBigUInt64BE(BigInt(length), 2);
  if (!masked) return Buffer.concat([header, payload]);
  const mask = Buffer.from([0x12, 0x9a, 0xff, length & 0xff]);
  return Buffer.concat([header, mask, payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0))]);
}

const text = (payload: string): Frame => ({ opcode: TEXT, payload: Buffer.from(payload) });

/** A WebSocket of a server, whose socket only records what is written to it. */
function open() {
  const written: Buffer[] = [];
  const stream = new Duplex({
    read() {},
    write(data, _encoding, done) {
      written.push(data);
      done();
    },
  });
  Object.assign(stream, { setTimeout() {}, setNoDelay() {} });
  const ws = Reflect.construct(WebSocket, [null, undefined, { closeTimeout: 1, autoPong: true }]);
  ws.setSocket(stream, Buffer.alloc(0), { maxPayload: MAX_PAYLOAD, maxFragments: 4, allowSynchronousEvents: true });
  const seen: unknown[] = [];
  ws.on('message', (data: Buffer, isBinary: boolean) =>
    seen.push([isBinary ? 'binary' : 'text', data.toString('hex')]),
  );
  ws.on('ping', (data: Buffer) => seen.push(['ping', data.toString('hex')]));
  ws.on('pong', (data: Buffer) => seen.push(['pong', data.toString('hex')]));
  ws.on('error', (error: Error) => seen.push(['error', error.message]));
  const end = () => {
    stream.destroy();
    return { seen, written: Buffer.concat(written).toString('hex') };
  };
  return { ws, stream, seen, end };
}

const immediate = () => new Promise(resolve => setImmediate(resolve));

/** What `ws` makes of these pieces alone. */
async function alone(pieces: readonly Buffer[]) {
  const { stream, end } = open();
  for (const piece of pieces) {
    stream.emit('data', Buffer.from(piece));
    await immediate();
  }
  return end();
}

/** What is made of them with our reader, which is paused after each `pauseEvery` texts. */
async function withReader(pieces: readonly Buffer[], pauseEvery = 0) {
  const { ws, stream, seen, end } = open();
  let [texts, paused] = [0, false];
  const reader = readFrames(ws, Object.assign(stream), {
    onText(received) {
      assert.not(paused, 'it is paused');
      seen.push(['text', Buffer.from(received).toString('hex')]);
      texts += 1;
      if (pauseEvery === 0 || texts % pauseEvery > 0) return;
      paused = true;
      reader?.pause();
      setImmediate(() => {
        paused = false;
        reader?.resume();
      });
    },
    onFault(error) {
      throw error;
    },
  });
  assert.ok(reader);
  for (const piece of pieces) {
    // The buffer is used again for the next piece.
    const shared = Buffer.concat([piece, Buffer.from('rest of an earlier read')]);
    reader.read(shared, piece.length);
    shared.fill(0xff);
    do await immediate();
    while (paused);
  }
  return { ...end(), texts };
}

/** Cuts bytes at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map(place => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.subarray(from, at[index])).filter(({ length }) => length > 0);
}

const payload = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.nat({ max: 400 }).map(length => 'x'.repeat(length)) },
  { weight: 1, arbitrary: fc.constantFrom('\ufffd', '林'.repeat(50), 'y'.repeat(65_535), 'z'.repeat(65_536)) },
);
const short = fc.uint8Array({ maxLength: 125 });
const valid: fc.Arbitrary<Frame[]> = fc.oneof(
  { weight: 8, arbitrary: payload.map(sent => [text(sent)]) },
  { weight: 1, arbitrary: short.map(sent => [{ opcode: BINARY, payload: sent }]) },
  { weight: 1, arbitrary: short.map(sent => [{ opcode: PING, payload: sent }]) },
  { weight: 1, arbitrary: short.map(sent => [{ opcode: PONG, payload: sent }]) },
  {
    weight: 1,
    arbitrary: fc
      .record({ parts: fc.array(payload, { minLength: 2, maxLength: 3 }), ping: fc.boolean() })
      .map(({ parts, ping }) =>
        parts.flatMap((part, index): Frame[] => [
          { ...text(part), opcode: index === 0 ? TEXT : CONTINUATION, fin: index === parts.length - 1 },
          ...(ping && index === 0 ? [{ opcode: PING, payload: new Uint8Array(2) }] : []),
        ]),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(2, 8).map(lengthBytes => [{ ...text('a longer length than needed'), lengthBytes }]),
  },
);
/** After each of these a connection is over. */
const last: fc.Arbitrary<Frame[]> = fc.constantFrom<Frame[]>(
  [{ opcode: CLOSE, payload: new Uint8Array() }],
  [{ opcode: CLOSE, payload: Buffer.from([0x03, 0xe8, 0x62, 0x79, 0x65]) }],
  [{ opcode: CLOSE, payload: Buffer.from([0x03, 0xed]) }],
  [{ opcode: CLOSE, payload: new Uint8Array(1) }],
  [{ ...text('unmasked'), masked: false }],
  [{ ...text('reserved'), rsv: 4 }],
  [{ ...text('reserved'), rsv: 1 }],
  [{ ...text('unknown'), opcode: 3 }],
  [{ ...text('unknown'), opcode: 11 }],
  [{ ...text('nothing to continue'), opcode: CONTINUATION }],
  [{ ...text('begins'), fin: false }, text('another within')],
  [{ ...text('begins'), fin: false }, { opcode: PING, payload: new Uint8Array(1) }, text('another within')],
  [
    { ...text('x'.repeat(40_000)), fin: false },
    { ...text('x'.repeat(40_000)), opcode: CONTINUATION },
  ],
  [{ opcode: PING, payload: new Uint8Array(126) }],
  [{ opcode: PING, payload: new Uint8Array(1), fin: false }],
  [{ opcode: PING, payload: new Uint8Array(1), lengthBytes: 8 }],
  [text('x'.repeat(65_537))],
  [{ opcode: TEXT, payload: Buffer.from([0xff]) }],
  // With the mask applied once more, it would be UTF-8.
  [{ opcode: TEXT, payload: Buffer.from([0x61, 0xfb]) }],
  [{ opcode: TEXT, payload: Buffer.from([0x61, 0xed, 0xa0, 0x80]) }],
  [{ opcode: TEXT, payload: Buffer.from('cut off 林').subarray(0, -1) }],
  [],
);

frames('handles any frames in any pieces as ws alone does, and nothing after the last one', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(valid, { maxLength: 12 }),
      last,
      fc.array(valid, { maxLength: 2 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.nat({ max: 3 }),
      async (before, end, after, places, pauseEvery) => {
        const pieces = cut(Buffer.concat([...before.flat(), ...end, ...after.flat()].map(encode)), places);
        const expected = await alone(pieces);
        const { seen, written } = await withReader(pieces, pauseEvery);
        assert.equal(seen, expected.seen);
        assert.is(written, expected.written);
      },
    ),
    { numRuns: 300 },
  ),
);

frames('handles a frame that arrives byte by byte', async () => {
  const sent = [text('one'), { opcode: PING, payload: Buffer.from('p') }, text('二'), text('x'.repeat(126))];
  const bytes = Buffer.concat([...sent, { ...text('long'), lengthBytes: 8 }, text('last')].map(encode));
  const pieces = [...bytes].map(byte => Buffer.from([byte]));
  assert.equal((await withReader(pieces)).seen, (await alone(pieces)).seen);
});

frames('handles the common frames itself', async () => {
  const sent = ['', 'short', '林', 'x'.repeat(125), 'x'.repeat(126), 'x'.repeat(65_535)].map(text);
  assert.is((await withReader([Buffer.concat(sent.map(encode))])).texts, sent.length);
});

frames('leaves everything to a ws that is built in another way', () => {
  const { ws, stream } = open();
  Object.assign(ws, { _receiver: {} });
  const owner = { onText: () => assert.unreachable(), onFault: () => assert.unreachable() };
  assert.is(readFrames(ws, Object.assign(stream), owner), undefined);
  assert.is(stream.listenerCount('data'), 1);
});

frames('reports a bug of ours, and drops what came with the frame', () => {
  const { ws, stream } = open();
  const faults: unknown[] = [];
  const reader = readFrames(ws, Object.assign(stream), {
    onText() {
      throw new Error('a bug');
    },
    onFault: error => faults.push(error),
  });
  const bytes = Buffer.concat([text('one'), text('two')].map(encode));
  reader?.read(bytes, bytes.length);
  assert.is(faults.length, 1);
});

frames.run();
