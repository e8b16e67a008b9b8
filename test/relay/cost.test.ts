/**
 * The cost of a message, in counts and not in time, so that it cannot flake: however many readers there are, it is
 * encoded once, framed once, and written once to each reader.
 */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Connection } from '../../src/relay/connection.ts';
import type { Log } from '../../src/relay/log/log.ts';
import { type Batch, TEXT } from '../../src/relay/room/batch.ts';
import { DIALECTS } from '../../src/relay/room/dialect.ts';
import { PendingMessage } from '../../src/relay/room/pending-message.ts';
import type { Socket } from '../../src/relay/room/reader.ts';
import { encodeFrames } from '../../src/relay/runtime/node/socket.ts';
import { memoryLog, Rig } from '../support/rig.ts';

const READERS = 300;

const cost = suite('cost');

/** Operations since the last reset. */
class Counts {
  /** Frames encoded as JSON, batches framed, buffers allocated for them, and writes to sockets. */
  encoded = 0;
  framed = 0;
  allocated = 0;
  written = 0;
  logReads = 0;
  /** Answers of the log that are promises. */
  promises = 0;
}

let counts = new Counts();
const { stringify } = JSON;
const { allocUnsafe } = Buffer;
const { payloadAt } = PendingMessage.prototype;

cost.before.each(() => {
  counts = new Counts();
  Object.assign(JSON, {
    stringify: (...args: Parameters<typeof stringify>) => {
      counts.encoded += 1;
      return stringify(...args);
    },
  });
  Object.assign(PendingMessage.prototype, {
    payloadAt(this: PendingMessage, seq: number) {
      counts.encoded += 1;
      return payloadAt.call(this, seq);
    },
  });
  Object.assign(Buffer, {
    allocUnsafe: (size: number) => {
      counts.allocated += 1;
      return allocUnsafe(size);
    },
  });
});
cost.after.each(() => {
  Object.assign(JSON, { stringify });
  Object.assign(Buffer, { allocUnsafe });
  Object.assign(PendingMessage.prototype, { payloadAt });
});

/** A socket that frames a batch as Node's does. */
class FramingSocket implements Socket {
  readonly buffered = 0;
  readonly flushed = 0;

  write(batch: Batch, onFlushed?: () => void): void {
    counts.written += 1;
    batch.encoded(TEXT, (payloads, opcode) => {
      counts.framed += 1;
      return encodeFrames(payloads, opcode);
    });
    onFlushed?.();
  }

  close(): void {}

  pause(): void {}

  resume(): void {}
}

function counted<T>(answer: T): T {
  counts.logReads += 1;
  if (answer instanceof Promise) counts.promises += 1;
  return answer;
}

function countingLog(): Log {
  const log = memoryLog();
  return {
    open(room, listener) {
      const opened = log.open(room, listener);
      const { after, messagesBefore } = opened;
      opened.after = (...args) => counted(after.apply(opened, args));
      opened.messagesBefore = (...args) => counted(messagesBefore.apply(opened, args));
      return opened;
    },
    commit: () => log.commit(),
  };
}

function crowd(): { rig: Rig; join: (hello?: object) => Connection; readers: Connection[] } {
  const rig = new Rig({ log: countingLog() });
  const join = (hello = {}) => {
    const connection = rig.relay.connect(new FramingSocket(), {
      room: 'a',
      dialect: DIALECTS.v1,
      address: '192.0.2.1',
    });
    connection.onMessage(stringify({ type: 'hello', user: 'x', key: 'key-of-sixteen-1', ...hello }));
    return connection;
  };
  const readers = Array.from({ length: READERS }, () => join());
  rig.clock.wind(1000);
  return { rig, join, readers };
}

function say(readers: readonly Connection[], count: number): void {
  for (let index = 0; index < count; index++) {
    readers[index]?.onMessage(stringify({ type: 'normal', id: `${index}`, message: 'something' }));
  }
}

/** The cost of this many messages in one turn. */
function costOf(messages: number) {
  const { rig, readers } = crowd();
  counts = new Counts();
  say(readers, messages);
  rig.turn();
  const { encoded, framed, allocated, written } = counts;
  return { encoded, framed, allocated, written };
}

cost('of a single message: encoded once, framed once, one buffer, one write to each reader', () => {
  assert.equal(costOf(1), { encoded: 1, framed: 1, allocated: 1, written: READERS });
});

cost('of 32 messages in one turn: encoded 32 times, and still one write to each reader', () => {
  assert.equal(costOf(32), { encoded: 32, framed: 1, allocated: 1, written: READERS });
});

cost('of a hundred clients that return at once: no read of the log, and one page made for all of them', () => {
  const { rig, join, readers } = crowd();
  say(readers, 60);
  rig.turn();
  const { epoch, head } = rig.history('a', undefined, 1);
  counts = new Counts();
  for (let index = 0; index < 100; index++) join({ epoch, since: head - 40 });
  // A welcome for each, one page for all.
  const { encoded, framed, written, logReads } = counts;
  assert.equal({ encoded, framed, written, logReads }, { encoded: 101, framed: 101, written: 200, logReads: 0 });
});

cost('of a retry of a message that is in memory: no read of the log, and nothing encoded', () => {
  const { rig, readers } = crowd();
  say(readers, 60);
  rig.turn();
  const retry = stringify({ type: 'normal', id: '7', message: 'something', again: true });
  readers[7]?.onMessage(retry);
  counts = new Counts();
  readers[7]?.onMessage(retry);
  const { encoded, written, logReads } = counts;
  assert.equal({ encoded, written, logReads }, { encoded: 0, written: 1, logReads: 0 });
});

cost('of any read of an embedded log: no promise', () => {
  const { rig, join, readers } = crowd();
  for (let round = 0; round < 20; round++) {
    say(readers, 60);
    rig.turn();
  }
  const { epoch, head } = rig.history('a', undefined, 1);
  counts = new Counts();
  join({ epoch, since: head - 1100 });
  join();
  readers[0]?.onMessage(stringify({ type: 'normal', id: '1', message: 'something', again: true }));
  for (const position of [undefined, { after: 3 }, { before: 40 }]) {
    assert.not.instance(rig.relay.history('a', position, 50), Promise);
  }
  assert.ok(counts.logReads >= 4, `${counts.logReads}`);
  assert.is(counts.promises, 0);
});

cost.run();
