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

socket('sends each payload as a frame, as text or as the bytes of it', () => {
  const text = open();
  text.socket.write(new Batch(['a', '字']));
  assert.equal(text.sent, ['a', '字']);
  const binary = open(true);
  binary.socket.write(new Batch(['字']));
  assert.equal(binary.sent, [new TextEncoder().encode('字')]);
});

socket('closes a reader that takes more than a megabyte without a sign of life', () => {
  const { socket: slow, closed } = open();
  slow.write(batchOf(MAX_UNANSWERED_BYTES));
  assert.equal(closed, []);
  slow.write(batchOf(1));
  assert.equal(closed, [[1013, 'slow']]);
});

socket('begins to count anew with every frame, and with a ping that the runtime has answered', () => {
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
  assert.equal(closed, [[1013, 'slow']], 'one ping is good for one megabyte');
});

socket('throws nothing when it is gone, and says that what was written has left', () => {
  const { socket: gone, state } = open();
  state.broken = true;
  let left = false;
  gone.write(batchOf(1), () => {
    left = true;
  });
  gone.close(1006, '');
  assert.ok(left);
});

socket.run();
