import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DIALECTS, type DialectName } from '../../../../src/relay/room/dialect.ts';
import {
  type Attachment,
  type HibernatingSocket,
  inOrder,
  openConnection,
  restoreConnection,
} from '../../../../src/relay/runtime/workers/socket-connection.ts';
import { Rig } from '../../../support/rig.ts';

const connection = suite('runtime/workers/socket-connection');

/** A socket of a Durable Object. It outlives the relay. */
class FakeSocket implements HibernatingSocket {
  readonly sent: (string | Uint8Array)[] = [];
  closedWith: number | undefined;
  attachment: Attachment | null = null;
  attached = 0;

  send(data: string | Uint8Array): void {
    this.sent.push(data);
  }

  close(code: number): void {
    this.closedWith ??= code;
  }

  serializeAttachment(attachment: Attachment): void {
    this.attached += 1;
    this.attachment = structuredClone(attachment);
  }

  deserializeAttachment(): Attachment | null {
    return structuredClone(this.attachment);
  }
}

const pingedAt = () => 0;

function open(rig: Rig, ws: FakeSocket, dialect: DialectName = 'v1') {
  return openConnection(rig.relay, ws, { room: 'a', dialect: DIALECTS[dialect], address: '192.0.2.1', pingedAt });
}

const hello = (user: string) => JSON.stringify({ type: 'hello', user, key: `${user}-0123456789abcdef` });
const bytes = (text: string): ArrayBuffer => {
  const { buffer } = Uint8Array.from(Buffer.from(text));
  return buffer;
};

connection("stores its reader's state with the socket, and writes it only when it has changed", () => {
  const [rig, ws] = [new Rig(), new FakeSocket()];
  const opened = open(rig, ws);
  assert.equal([ws.attached, ws.attachment?.room, ws.attachment?.dialect], [1, 'a', 'v1']);
  assert.not(opened.saidHello);
  opened.onMessage(hello('x'));
  assert.ok(opened.saidHello);
  assert.is(ws.attached, 2);
  assert.is(ws.attachment?.snapshot?.person?.user, 'x');
  for (let count = 0; count < 5; count++) opened.onMessage('{"type":"typing"}');
  assert.is(ws.attached, 2);
});

connection('is restored unchanged after a sleep, and nobody is announced', () => {
  const [rig, first, second] = [new Rig(), new FakeSocket(), new FakeSocket()];
  open(rig, first).onMessage(hello('x'));
  rig.clock.wind(10);
  open(rig, second).onMessage(hello('y'));
  const awake = new Rig();
  const restored = inOrder([second, first]).map(slept => restoreConnection(awake.relay, slept, pingedAt));
  assert.ok(restored.every(one => one?.saidHello));
  for (const ws of [first, second]) ws.sent.length = 0;
  restored[0]?.onMessage(JSON.stringify({ type: 'normal', id: '1', message: 'after' }));
  awake.turn();
  awake.clock.wind(5000);
  for (const ws of [first, second]) {
    assert.is(ws.sent.length, 1);
    assert.match(String(ws.sent[0]), '"user":"x"');
  }
});

connection('is closed on waking if it was refused before, because the timer that would have closed it is lost', () => {
  const [rig, ws] = [new Rig({ maxPerAddress: 200 }), new FakeSocket()];
  for (let count = 0; count < 8; count++) open(rig, new FakeSocket(), 'tutorial');
  open(rig, ws, 'tutorial');
  const awake = new Rig();
  for (const slept of inOrder([ws])) assert.is(restoreConnection(awake.relay, slept, pingedAt), undefined);
  assert.is(ws.closedWith, 1011);
  assert.is(awake.relay.connections, 0);
});

connection('closes a client that sends too large a frame, text or binary, and does not read the frame', () => {
  for (const data of ['字'.repeat(22_000), bytes('x'.repeat(65_537))]) {
    const [rig, ws] = [new Rig(), new FakeSocket()];
    open(rig, ws).onMessage(data);
    assert.is(ws.closedWith, 1009);
    assert.equal(ws.sent, []);
  }
});

connection('reads binary frames as text only in the dialect that accepts them', () => {
  const rig = new Rig();
  const [v1, tutorial] = [new FakeSocket(), new FakeSocket()];
  open(rig, v1).onMessage(bytes(hello('x')));
  assert.match(String(v1.sent[0]), '"bad-frame"');
  open(rig, tutorial, 'tutorial').onMessage(bytes(JSON.stringify({ type: 'normal', user: 'x', message: '你好' })));
  rig.turn();
  const [sent] = tutorial.sent;
  assert.match(typeof sent === 'string' ? '' : new TextDecoder().decode(sent), '你好');
});

connection('lastFrameAt is when it was opened, received a frame, or had a ping answered by the runtime', () => {
  const [rig, ws] = [new Rig(), new FakeSocket()];
  let pinged = 0;
  const request = { room: 'a', dialect: DIALECTS.v1, address: '', pingedAt: () => pinged };
  const opened = openConnection(rig.relay, ws, request);
  assert.is(opened.lastFrameAt, rig.clock.now());
  pinged = rig.clock.now() + 5;
  assert.is(opened.lastFrameAt, pinged);
  opened.onMessage('{"type":"ping"}');
  assert.ok(opened.lastFrameAt >= pinged);
});

connection.run();
