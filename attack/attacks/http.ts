/** Attacks by HTTP: requests without end, and connections on which one never comes to its end. */
import type { Attack } from '../attack.ts';
import { closed, head, send, type Target } from '../target.ts';
import { handshake } from '../web-socket.ts';

/** The most that a connection may ask for in one request. */
const page = ({ room, lines }: Target) => head('GET', `/rooms/${room}/messages?limit=200`, lines);

/** Lines of about 15 kB. */
const LONG_HEAD = Array.from({ length: 90 }, (_, at) => `X-${at}: ${'x'.repeat(150)}`);

/** Requests after whose answer the relay closes the connection. */
const CLOSING: readonly { name: string; what: string; first: (target: Target) => string }[] = [
  {
    name: 'behind-bad',
    what: 'one that is refused',
    first: ({ room }) => head('GET', `/rooms/${room}/messages?limit=abc`, LONG_HEAD),
  },
  {
    name: 'behind-body',
    what: 'one with a body',
    first: () => `${head('POST', '/', ['Content-Length: 4', ...LONG_HEAD])}body`,
  },
  {
    name: 'behind-last',
    what: 'the last one',
    first: () => head('GET', '/healthz', ['Connection: close', ...LONG_HEAD]),
  },
];

interface PipelineOptions {
  readonly connections?: number;
  readonly reads?: boolean;
}

/** Sends requests one after the other over some connections without waiting for answers. */
function pipeline(
  request: (target: Target) => string,
  { connections = 20, reads = true }: PipelineOptions = {},
): Attack['run'] {
  return target => {
    const requests = request(target).repeat(50);
    return target.repeat(connections, async () => {
      const socket = await target.open();
      if (!reads) socket.pause();
      while (!target.stopped) await send(socket, requests);
    });
  };
}

/** Opens connections, each of which sends `start`, then a byte of `rest` every 100 ms. */
function drip(connections: number, start: (target: Target) => string, rest: string): Attack['run'] {
  return target =>
    target.repeat(connections, async () => {
      const socket = await target.open();
      await send(socket, start(target));
      for (let at = 0; !target.stopped; at = (at + 1) % rest.length) {
        await send(socket, rest.charAt(at));
        await target.wait(100);
      }
    });
}

export const HTTP: readonly Attack[] = [
  {
    name: 'requests',
    title: "requests for a full room's messages, pipelined",
    full: true,
    edge: true,
    run: pipeline(page),
  },
  {
    name: 'unread-answers',
    title: 'the same, and nothing is read',
    full: true,
    run: pipeline(page, { reads: false }),
  },
  {
    name: 'slow-reading',
    title: 'the same, read at some kB a second',
    full: true,
    run: target =>
      target.repeat(100, async () => {
        const socket = await target.open();
        socket.pause();
        await send(socket, page(target).repeat(20));
        while (!target.stopped && !socket.destroyed) {
          socket.read(1024);
          await target.wait(100);
        }
      }),
  },
  { name: 'pages', title: 'requests for the page, uncompressed', run: pipeline(() => head('GET', '/')) },
  { name: 'not-found', title: 'requests for what is not there', run: pipeline(() => head('GET', '/none')) },
  {
    name: 'h2c',
    title: 'requests that offer another protocol',
    run: pipeline(() => head('GET', '/', ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c'])),
  },
  {
    name: 'bad-upgrades',
    title: 'requests for a WebSocket where there is none',
    run: target =>
      target.repeat(20, async () => {
        const socket = await target.open();
        await send(socket, handshake(target, '/none'));
        await closed(socket);
      }),
  },
  {
    name: 'huge-headers',
    title: 'requests with 15 kB of headers',
    run: pipeline(() => head('GET', '/', LONG_HEAD)),
  },
  ...CLOSING.map(
    ({ name, first, what }): Attack => ({
      name,
      title: `requests behind ${what}`,
      run: target => {
        const behind = head('GET', '/', LONG_HEAD);
        return target.repeat(20, async () => {
          const socket = await target.open();
          await send(socket, first(target) + behind);
          await closed(socket);
        });
      },
    }),
  ),
  {
    name: 'dripping-headers',
    title: '190 requests whose headers never end',
    run: drip(190, () => head('GET', '/').slice(0, -2), 'X-A: b\r\n'),
  },
  {
    name: 'dripping-bodies',
    title: '190 requests whose bodies never end',
    run: drip(190, target => head('POST', `/rooms/${target.room}`, ['Content-Length: 100000']), 'x'),
  },
  {
    name: 'half-upgrades',
    title: '190 handshakes that stop before their end',
    run: target =>
      target.repeat(190, async () => {
        const socket = await target.open();
        await send(socket, handshake(target).slice(0, -4));
        await closed(socket);
      }),
  },
];
