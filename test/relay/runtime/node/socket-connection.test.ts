import { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { WebSocket } from 'ws';
import { WebSocket as BareWebSocket } from 'ws';
import type { Log } from '../../../../src/relay/log/log.ts';
import { DIALECTS } from '../../../../src/relay/room/dialect.ts';
import { openConnection } from '../../../../src/relay/runtime/node/socket-connection.ts';
import { TaskQueue } from '../../../../src/relay/runtime/node/task-queue.ts';
import { memoryLog, Rig } from '../../../support/rig.ts';

const connection = suite('runtime/node/socket-connection');

/** A connection whose events, and the turns of its task queue, come from the test. */
function open(log?: Log, rig = new Rig(log && { log })) {
  let waiting: (() => void)[] = [];
  const add = (run: () => void) => waiting.push(run);
  const taskQueue = new TaskQueue({ now: () => 0, later: add, next: add });
  const ws: WebSocket = Reflect.construct(BareWebSocket, [null, undefined, {}]);
  const faults: unknown[] = [];
  const pauses: string[] = [];
  const noted: string[] = [];
  const note = (what: string) => () => noted.push(what);
  Object.assign(ws, { pause: () => pauses.push('pause'), resume: () => pauses.push('resume') });
  let closedWith: number | undefined;
  Object.assign(ws, {
    close(code: number) {
      closedWith ??= code;
    },
  });
  const shared = {
    relay: rig.relay,
    connectionLog: {
      opened: note('opened'),
      closed: (_request: object, _code: number, tooFast: boolean) =>
        noted.push(tooFast ? 'closed, too fast' : 'closed'),
      refused: note('refused'),
    },
    warnings: { raise: note('warning') },
    report: (error: unknown) => faults.push(error),
    taskQueue,
  };
  openConnection(shared, ws, { tcp: new Socket(), dialect: DIALECTS.v1, room: 'a', address: '192.0.2.1' });
  return {
    rig,
    faults,
    pauses,
    noted,
    closedWith: () => closedWith,
    controls: (kind: 'ping' | 'pong') => ws.emit(kind, Buffer.alloc(0)),
    receives: (frame: object) => ws.emit('message', Buffer.from(JSON.stringify(frame)), false),
    closes: (code = 1000) => ws.emit('close', code),
    turn() {
      while (waiting.length > 0) {
        const now = waiting;
        waiting = [];
        for (const run of now) run();
      }
      rig.turn();
    },
    stored: () => rig.history('a', undefined, 200).payloads.length,
  };
}

connection('handles frames sent before the close, although they all wait behind the hello', () => {
  const { rig, receives, closes, turn, stored, faults } = open();
  receives({ type: 'hello', user: 'hasty' });
  receives({ type: 'normal', id: '1', message: 'one' });
  receives({ type: 'normal', id: '2', message: 'two' });
  closes();
  assert.is(rig.relay.connections, 1);
  turn();
  assert.is(stored(), 2);
  assert.is(rig.relay.connections, 0);
  assert.equal(faults, []);
});

connection('handles nothing more after a bug of ours, not even waiting frames', () => {
  const log = memoryLog();
  const damaged: Log = {
    open(room, listener) {
      const opened = log.open(room, listener);
      let reads = 0;
      const before = opened.messagesBefore.bind(opened);
      opened.messagesBefore = (...place) => {
        reads += 1;
        if (reads === 1) throw new Error('the disk');
        return before(...place);
      };
      return opened;
    },
    commit: () => log.commit(),
  };
  const { receives, turn, stored, faults } = open(damaged);
  receives({ type: 'hello', user: 'x' });
  receives({ type: 'normal', id: '1', message: 'one' });
  turn();
  receives({ type: 'normal', id: '2', message: 'two' });
  turn();
  assert.is(faults.length, 1);
  assert.is(stored(), 0);
});

connection('was too fast if the relay has closed it for that, whatever code comes back', () => {
  const { receives, closes, turn, noted, closedWith } = open(undefined, new Rig({ rate: 5, maxPerAddress: 200 }));
  receives({ type: 'hello', user: 'x' });
  for (let index = 0; index < 2000; index++) {
    receives({ type: 'normal', id: `${index}`, message: 'one' });
    turn();
  }
  assert.is(closedWith(), 4429);
  closes(1006);
  turn();
  assert.is(noted.at(-1), 'closed, too fast');
  const other = open();
  other.receives({ type: 'hello', user: 'y' });
  other.turn();
  other.closes(4429);
  other.turn();
  assert.is(other.noted.at(-1), 'closed');
});

connection('only the first frames wait in the queue', () => {
  const { rig, receives, turn, stored } = open();
  receives({ type: 'hello', user: 'x' });
  turn();
  receives({ type: 'normal', id: '1', message: 'one' });
  rig.turn();
  assert.is(stored(), 1);
});

connection('stops reading while too many frames wait in the queue', () => {
  const { receives, turn, pauses, stored } = open();
  receives({ type: 'hello', user: 'x' });
  for (let index = 0; index < 14; index++) receives({ type: 'normal', id: `${index}`, message: 'one' });
  assert.equal(pauses, []);
  receives({ type: 'normal', id: 'a', message: 'one' });
  receives({ type: 'normal', id: 'b', message: 'one' });
  assert.ok(pauses.length > 0 && pauses.every(what => what === 'pause'));
  turn();
  assert.is(pauses.at(-1), 'resume');
  assert.is(stored(), 16);
});

connection('lets large frames wait in the queue, and those after them behind them', () => {
  const { rig, receives, turn, stored } = open();
  receives({ type: 'hello', user: 'x' });
  turn();
  receives({ type: 'normal', id: '1', message: 'one', padding: 'x'.repeat(10_000) });
  receives({ type: 'normal', id: '2', message: 'two' });
  rig.turn();
  assert.is(stored(), 0);
  turn();
  assert.is(stored(), 2);
  receives({ type: 'normal', id: '3', message: 'three' });
  rig.turn();
  assert.is(stored(), 3, 'nothing waits any more');
});

connection('can stop reading more than once', () => {
  const { receives, turn, pauses } = open();
  for (let round = 1; round <= 2; round++) {
    receives({ type: 'hello', user: 'x', padding: 'x'.repeat(10_000) });
    for (let index = 0; index < 20; index++) receives({ type: 'typing' });
    turn();
    assert.equal(pauses, Array.from({ length: round }, () => ['pause', 'resume']).flat());
  }
});

connection('stops reading from a client that goes on sending after its connection was closed', () => {
  const { receives, controls, turn, pauses } = open();
  receives({ type: 'hello', user: 'x' });
  turn();
  for (let index = 0; index < 20; index++) receives({});
  for (let index = 0; index < 15; index++) receives({});
  assert.equal(pauses, [], 'its answer to the close may still come');
  controls('ping');
  receives({});
  assert.equal(pauses, ['pause']);
});

connection('stops reading from a client that sends although it was rejected', () => {
  const { rig, receives, turn, pauses } = open();
  rig.relay.drain();
  const rejected = open(undefined, rig);
  for (let index = 0; index < 15; index++) rejected.receives({});
  assert.equal(rejected.pauses, []);
  for (let index = 0; index < 15; index++) rejected.receives({});
  assert.equal(rejected.pauses, ['pause']);
  receives({});
  turn();
  assert.equal(pauses, []);
});

connection('a ping or a pong of the WebSocket protocol is a sign of life, but no hello', () => {
  for (const kind of ['ping', 'pong'] as const) {
    const [listener, stranger] = [open(), open()];
    listener.receives({ type: 'hello', user: 'x' });
    listener.turn();
    for (let seconds = 0; seconds < 600; seconds += 20) {
      for (const { rig, controls } of [listener, stranger]) {
        controls(kind);
        for (let second = 0; second < 20; second++) {
          rig.clock.wind(1000);
          rig.relay.sweep();
        }
      }
    }
    assert.equal([listener.closedWith(), stranger.closedWith()], [undefined, 4408], kind);
    for (let second = 0; second < 151; second++) {
      listener.rig.clock.wind(1000);
      listener.rig.relay.sweep();
    }
    assert.is(listener.closedWith(), 4408, 'without them it is closed');
  }
});

connection('who comes and goes is told apart from who is refused', () => {
  const admitted = open();
  admitted.closes();
  assert.equal(admitted.noted, ['opened', 'closed']);
  const rig = new Rig({ maxPerAddress: 1 });
  rig.connect();
  const refused = open(undefined, rig);
  refused.closes();
  assert.equal(refused.noted, ['refused', 'warning']);
});

connection.run();
