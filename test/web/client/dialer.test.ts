/** The dialer alone, with no frames except pings; client.test.ts tests its timing in the whole client. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createDialer, type DialerOptions } from '../../../src/web/client/dialer.ts';
import { HandClock } from '../../support/clock.ts';
import { FakeLifecycle, FakeSocket } from '../../support/pair.ts';

const dialing = suite('dialer');

function begin(options: Partial<DialerOptions> = {}) {
  const clock = new HandClock();
  const lifecycle = new FakeLifecycle();
  const sockets: FakeSocket[] = [];
  const log: string[] = [];
  const dialer = createDialer(
    'wss://relay.example/rooms/r',
    {
      state: state => log.push(state.name),
      opened: () => log.push('opened'),
      received: text => log.push(`received ${text}`),
      dropped: code => log.push(`dropped ${code}`),
    },
    {
      clock,
      lifecycle,
      random: () => 0.5,
      connect: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket;
      },
      ...options,
    },
  );
  const last = () => {
    const socket = sockets.at(-1);
    assert.ok(socket);
    return socket as FakeSocket;
  };
  return { clock, lifecycle, sockets, log, dialer, last };
}

dialing('waits anew from the beginning when it is opened again', () => {
  const { clock, dialer, last } = begin();
  const waits = () => {
    last().end(1006);
    const { state } = dialer;
    return state.name === 'waiting' ? state.until - clock.now() : undefined;
  };
  dialer.open();
  const first = waits();
  for (let count = 0; count < 10; count++) {
    dialer.retry();
    waits();
  }
  dialer.close();
  dialer.open();
  assert.is(waits(), first);
});

dialing('reports the events of its socket, in order', () => {
  const { clock, log, dialer, last } = begin();
  dialer.open();
  last().open();
  last().onmessage?.({ data: 'a frame' });
  dialer.onWelcome(1000);
  last().end(1006);
  assert.equal(log, [
    'dropped undefined',
    'connecting',
    'opened',
    'received a frame',
    'connected',
    'dropped 1006',
    'waiting',
  ]);
  assert.equal(dialer.state, { name: 'waiting', until: clock.now() + 500 });
});

dialing('sends only through an open socket', () => {
  const { dialer, last } = begin();
  dialer.send('{"type":"early"}');
  dialer.open();
  dialer.send('{"type":"early"}');
  last().open();
  dialer.send('{"type":"now"}');
  assert.equal(last().sent, [{ type: 'now' }]);
});

dialing('redials after the usual wait, not at once, so that a crowd does not reconnect at the same moment', () => {
  const { clock, sockets, dialer, last } = begin();
  dialer.open();
  last().open();
  dialer.onWelcome(2000);
  const [first] = sockets;
  clock.wind(5000);
  dialer.redial();
  assert.ok(first?.closedWith);
  assert.is(first?.onmessage, null);
  clock.wind(999);
  assert.is(sockets.length, 1);
  clock.wind(1);
  assert.is(sockets.length, 2);
});

dialing('does not redial after codes that forbid it; unknown codes count by their range', () => {
  const nameAfter = (code: number) => {
    const { dialer, last } = begin();
    dialer.open();
    last().end(code);
    return dialer.state.name;
  };
  for (const code of [4400, 4401, 4403, 4500, 4999]) assert.is(nameAfter(code), 'stopped', `${code}`);
  for (const code of [1000, 3999, 4000, 4402, 4408, 4429, 4499, 5000]) assert.is(nameAfter(code), 'waiting', `${code}`);
});

dialing('sends pings through the socket, and times them', () => {
  const { clock, dialer, last } = begin();
  assert.is(dialer.onPong(), undefined);
  dialer.open();
  last().open();
  dialer.onWelcome(500);
  clock.wind(3000);
  assert.is(last().pings, 1);
  clock.wind(12);
  assert.is(dialer.onPong(), 12);
});

dialing('throws if it is opened in a runtime without WebSocket, and leaves no timer behind', () => {
  const { clock, dialer, log } = begin();
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  Reflect.deleteProperty(globalThis, 'WebSocket');
  try {
    const bare = createDialer(
      'wss://relay.example/rooms/r',
      { state: state => log.push(state.name), opened() {}, received() {}, dropped() {} },
      { clock },
    );
    assert.throws(
      () => bare.open(),
      (error: unknown) => error instanceof TypeError && /connect/.test(error.message),
    );
    assert.equal([bare.state.name, log, clock.pending], ['closed', [], 0]);
    dialer.open();
    assert.is(dialer.state.name, 'connecting', 'with its own connect function it does not need WebSocket');
  } finally {
    if (descriptor) Object.defineProperty(globalThis, 'WebSocket', descriptor);
  }
});

dialing('uses the global WebSocket unless it is given another', () => {
  const clock = new HandClock();
  const urls: string[] = [];
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  class Recorder extends FakeSocket {
    constructor(url: string) {
      super();
      urls.push(url);
    }
  }
  Object.defineProperty(globalThis, 'WebSocket', { configurable: true, value: Recorder });
  try {
    const dialer = createDialer('wss://r/rooms/r', { state() {}, opened() {}, received() {}, dropped() {} }, { clock });
    dialer.open();
    assert.equal([dialer.state.name, urls], ['connecting', ['wss://r/rooms/r']]);
    dialer.dispose();
    assert.is(clock.pending, 0);
  } finally {
    if (descriptor) Object.defineProperty(globalThis, 'WebSocket', descriptor);
    else Reflect.deleteProperty(globalThis, 'WebSocket');
  }
});

dialing('leaves no timer, socket or listener behind when it is disposed of', () => {
  const { clock, lifecycle, dialer, last } = begin();
  dialer.open();
  last().open();
  dialer.onWelcome(500);
  dialer.dispose();
  assert.is(clock.pending, 0);
  assert.not(lifecycle.listening);
  assert.ok(last().closedWith);
});

dialing.run();
