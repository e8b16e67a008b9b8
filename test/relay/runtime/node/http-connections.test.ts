import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MAX_PER_TURN, MAX_PER_TURN_OF_SITE } from '../../../../src/relay/access/http-limits.ts';
import { parseTrustProxy } from '../../../../src/relay/access/trust-proxy.ts';
import { HttpConnections } from '../../../../src/relay/runtime/node/http-connections.ts';

const connections = suite('runtime/node/http-connections');

/** A server to which the test connects sockets that record what is written. */
function rig(maxPerAddress: number, trustProxy = '0') {
  const server = new EventEmitter();
  const told: string[] = [];
  const turns: (() => void)[] = [];
  const connections = new HttpConnections({
    maxPerAddress,
    trustProxy: parseTrustProxy(trustProxy) ?? 0,
    onRefused: (address, { code }) => told.push(`${address} ${code}`),
    later: run => void turns.push(run),
    report: error => assert.unreachable(`${error}`),
  });
  connections.watch(server);
  const connect = (remoteAddress: string) => {
    const written: string[] = [];
    const end = (text = '') => void written.push(text);
    const socket = Object.defineProperties(new Socket(), {
      remoteAddress: { value: remoteAddress },
      end: { value: end },
    });
    server.emit('connection', socket);
    return { socket, refused: () => written.some(text => text.startsWith('HTTP/1.1 429 ')), written };
  };
  const turn = () => {
    for (const run of turns.splice(0)) run();
  };
  return { connections, connect, told, turn };
}

connections('are limited per address, whether or not a request comes over them', () => {
  const { connections, connect, told } = rig(200);
  const all = Array.from({ length: 200 }, () => connect('::ffff:192.0.2.1'));
  assert.not(all.some(({ refused }) => refused()));
  const over = connect('192.0.2.1');
  assert.ok(over.refused());
  assert.match(
    over.written.join(''),
    /Retry-After: 5\r\n[\s\S]*Connection: close\r\n[\s\S]*{"error":{"code":"too-many"/,
  );
  assert.not(connect('192.0.2.2').refused());
  assert.equal(told, ['192.0.2.1 too-many']);
  for (const { socket } of [...all, over]) socket.emit('close');
  assert.is(connections.size, 1);
  assert.not(connect('192.0.2.1').refused());
});

connections('are no longer counted once they are WebSockets', () => {
  const { connections, connect } = rig(200);
  for (let count = 0; count < 500; count++) {
    const { socket, refused } = connect('192.0.2.1');
    assert.not(refused());
    connections.leave(socket);
    assert.is(socket.listenerCount('close'), 0, 'nothing stays with the socket');
    socket.emit('close');
  }
  assert.is(connections.size, 0);
});

connections('of a trusted proxy are not counted, since many clients share them', () => {
  for (const trust of ['1', '10.0.0.0/8']) {
    const { connect } = rig(200, trust);
    for (let count = 0; count < 500; count++) assert.not(connect('10.0.0.1').refused());
  }
  const { connect } = rig(200, '10.0.0.0/8');
  const strangers = Array.from({ length: 300 }, () => connect('192.0.2.1').refused());
  assert.is(strangers.filter(Boolean).length, 100);
});

const heads = (count: number) => Array.from({ length: count }, (_, at) => [`x-${at}`, 'x']).flat();

connections('of an address are not read from until the next turn once it has sent much in this one', () => {
  const { connections, connect, turn } = rig(200);
  const open = (address: string) => connect(address).socket;
  const [busy, other, neighbour, websocket, upgrading] = [
    ...['192.0.2.1', '192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.1'].map(open),
  ];
  if (!busy || !other || !neighbour || !websocket || !upgrading) return assert.unreachable();
  connections.leave(websocket);
  connections.countHandshake({ socket: upgrading, rawHeaders: [] });
  const paused = () => [busy, other, neighbour, websocket, upgrading].map(socket => socket.isPaused());
  const send = (socket: Socket, count: number, rawHeaders = heads(1)) => {
    for (let at = 0; at < count; at++) connections.count({ socket, rawHeaders });
  };
  for (let round = 0; round < 3; round++) {
    send(busy, MAX_PER_TURN - 1 - (round === 0 ? 1 : 0));
    send(neighbour, MAX_PER_TURN);
    assert.equal(paused(), [false, false, false, false, false]);
    send(other, 2);
    assert.equal(paused(), [true, true, false, false, false]);
    turn();
    assert.equal(paused(), [false, false, false, false, false]);
  }
  send(busy, 20, heads(90));
  assert.ok(other.isPaused(), 'many header fields count more');
  other.destroy();
  turn();
  assert.not(busy.isPaused());
});

connections('of a site are not read from until the next turn once all its networks have sent much in this one', () => {
  const { connections, connect, turn } = rig(200);
  const sockets = Array.from({ length: 5 }, (_, network) => connect(`2001:db8:1:${network}::1`).socket);
  const other = connect('2001:db8:2::1').socket;
  const paused = () => sockets.filter(socket => socket.isPaused()).length;
  for (let round = 0; round < 2; round++) {
    for (let at = 0; at < MAX_PER_TURN_OF_SITE; at++) {
      const socket = sockets[at % 4];
      if (socket) connections.count({ socket, rawHeaders: [] });
    }
    for (let at = 0; at < MAX_PER_TURN; at++) connections.count({ socket: other, rawHeaders: [] });
    assert.is(paused(), 0);
    const [socket] = sockets;
    if (socket) connections.count({ socket, rawHeaders: [] });
    assert.is(paused(), 5);
    assert.not(other.isPaused());
    turn();
    assert.is(paused(), 0);
  }
});

connections('of a trusted proxy are paused one by one, and none without limits per address', () => {
  const proxied = rig(200, '1');
  const [busy, other] = [proxied.connect('10.0.0.1').socket, proxied.connect('10.0.0.1').socket];
  for (let at = 0; at <= MAX_PER_TURN; at++) proxied.connections.count({ socket: busy, rawHeaders: heads(1) });
  assert.equal([busy.isPaused(), other.isPaused()], [true, false]);
  proxied.turn();
  assert.not(busy.isPaused());
});

connections('that are paused and become WebSockets are not resumed: they would lose what they are sent', () => {
  const { connections, connect, turn } = rig(200);
  const { socket } = connect('192.0.2.1');
  for (let at = 0; at <= MAX_PER_TURN; at++) connections.count({ socket, rawHeaders: heads(1) });
  assert.ok(socket.isPaused());
  connections.countHandshake({ socket, rawHeaders: [] });
  turn();
  assert.ok(socket.isPaused());
});

connections('are limited less if more WebSockets are allowed, and not at all if these are not limited', () => {
  const refused = (maxPerAddress: number, count: number) => {
    const { connect } = rig(maxPerAddress);
    return Array.from({ length: count }, () => connect('192.0.2.1').refused()).filter(Boolean).length;
  };
  assert.is(refused(1, 201), 1);
  assert.is(refused(400, 401), 1);
  assert.is(refused(0, 1000), 0);
});

connections.run();
