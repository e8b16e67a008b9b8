import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Batch } from '../../../../src/relay/room/batch.ts';
import { WorkersSocket } from '../../../../src/relay/runtime/workers/socket.ts';

const socket = suite('runtime/workers/socket');
const BOUND = 100_000;
const batchOf = (bytes: number) => new Batch(['x'.repeat(bytes)]);

function open({ binary = false, asksForMore = true } = {}) {
  const sent: (string | Uint8Array)[] = [];
  const closed: [number, string][] = [];
  const events: string[] = [];
  const state = { broken: false };
  const ws = {
    readyState: 1,
    send(data: string | Uint8Array) {
      if (state.broken) throw new TypeError("Can't call WebSocket send() after close().");
      sent.push(data);
    },
    close(code: number, reason: string) {
      if (state.broken) throw new TypeError('Invalid WebSocket close code');
      closed.push([code, reason]);
    },
  };
  const opened = new WorkersSocket(ws, { binary, asksForMore, bound: () => BOUND, unread: 0 });
  opened.listener = {
    onEnd: lost => events.push(lost ? 'lost' : 'closed'),
    onWritten: () => {},
    onBehind: () => events.push('behind'),
  };
  return { socket: opened, ws, sent, closed, events, state };
}

socket('sends each payload as a text or binary frame', () => {
  const text = open();
  text.socket.write(new Batch(['a', '字']));
  assert.equal(text.sent, ['a', '字']);
  const binary = open({ binary: true });
  binary.socket.write(new Batch(['字']));
  assert.equal(binary.sent, [new TextEncoder().encode('字')]);
});

socket('counts what was written since the client last asked for more, but for what came after that page', () => {
  const { socket: reader } = open();
  reader.write(batchOf(1000));
  reader.write(batchOf(500), () => {});
  reader.write(batchOf(20));
  assert.is(reader.buffered, 1520);
  reader.onRead();
  assert.is(reader.buffered, 20);
});

socket('closes a client that leaves four times its bound unread', () => {
  const { socket: slow, closed, events } = open();
  slow.write(batchOf(4 * BOUND));
  assert.equal(closed, []);
  slow.write(batchOf(1));
  assert.equal(closed, [[1013, 'slow']]);
  assert.equal(events, ['lost']);
  slow.write(batchOf(1));
  slow.close(4408, '');
  assert.is(closed.length, 1);
});

socket('is never full for a client that cannot ask, and closes it in the end', () => {
  const { socket: reader, closed } = open({ asksForMore: false });
  for (let count = 0; count < 16; count++) reader.write(batchOf(BOUND));
  assert.equal([reader.buffered, closed.length], [0, 0]);
  reader.write(batchOf(1));
  assert.equal(closed, [[1013, 'slow']]);
});

socket('finds out after a write and on request that the platform no longer sends', () => {
  for (const look of ['write', 'check'] as const) {
    const { socket: dead, ws, closed, events } = open();
    dead.write(batchOf(1));
    ws.readyState = 3;
    assert.equal(events, []);
    if (look === 'write') dead.write(batchOf(1));
    else dead.check();
    assert.equal([events, dead.ended], [['lost'], true]);
    assert.is(closed.length, 1, 'it tries to close');
  }
});

socket('does not throw if the platform does, and calls onFlushed', () => {
  const { socket: closed, state, events } = open();
  state.broken = true;
  let flushed = false;
  closed.write(batchOf(1), () => {
    flushed = true;
  });
  closed.close(1006, '');
  assert.ok(flushed);
  assert.equal(events, ['closed']);
});

socket.run();
