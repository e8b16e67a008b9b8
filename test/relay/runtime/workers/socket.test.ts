import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Batch } from '../../../../src/relay/room/batch.ts';
import { MAX_UNANSWERED_BYTES, WorkersSocket } from '../../../../src/relay/runtime/workers/socket.ts';

const socket = suite('runtime/workers/socket');
const batchOf = (bytes: number) => new Batch(['x'.repeat(bytes)]);

function open(binary = false) {
  const sent: (string | Uint8Array)[] = [];
  const closed: [number, string][] = [];
  const state = { pingedAt: 0, broken: false };
  const ws = {
    send(data: string | Uint8Array) {
      if (state.broken) throw new TypeError("Can't call WebSocket send() after close().");
      sent.push(data);
    },
    close(code: number, reason: string) {
      if (state.broken) throw new TypeError('Invalid WebSocket close code');
      closed.push([code, reason]);
    },
  };
  return { socket: new WorkersSocket(ws, { binary, pingedAt: () => state.pingedAt }), sent, closed, state };
}

socket('sends each payload as a text or binary frame', () => {
  const text = open();
  text.socket.write(new Batch(['a', '字']));
  assert.equal(text.sent, ['a', '字']);
  const binary = open(true);
  binary.socket.write(new Batch(['字']));
  assert.equal(binary.sent, [new TextEncoder().encode('字')]);
});

socket('closes a reader after more than a megabyte without a received frame', () => {
  const { socket: slow, closed } = open();
  slow.write(batchOf(MAX_UNANSWERED_BYTES));
  assert.equal(closed, []);
  slow.write(batchOf(1));
  assert.equal(closed, [[1013, 'slow']]);
});

socket('resets the count on every frame, and on a ping that the runtime has answered', () => {
  const { socket: reader, closed, state } = open();
  for (let now = 1; now < 5; now++) {
    reader.write(batchOf(MAX_UNANSWERED_BYTES - 10));
    reader.onMessage(now);
  }
  for (let now = 5; now < 10; now++) {
    reader.write(batchOf(MAX_UNANSWERED_BYTES - 10));
    state.pingedAt = now;
  }
  assert.equal(closed, []);
  assert.is(reader.lastFrameAt, 9);
  reader.write(batchOf(MAX_UNANSWERED_BYTES - 10));
  reader.write(batchOf(MAX_UNANSWERED_BYTES - 10));
  assert.equal(closed, [[1013, 'slow']], 'one ping allows one more megabyte');
});

socket('does not throw if the socket is closed, and calls onFlushed', () => {
  const { socket: closed, state } = open();
  state.broken = true;
  let flushed = false;
  closed.write(batchOf(1), () => {
    flushed = true;
  });
  closed.close(1006, '');
  assert.ok(flushed);
});

socket.run();
