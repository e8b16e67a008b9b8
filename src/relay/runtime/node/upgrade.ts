/**
 * The upgrade on Node: `@hono/node-ws` behind a guard. That package trusts every handshake: a request for `//` ends the
 * process, a handshake that `ws` refuses leaks an entry, and frames may have 100 MiB. So the guard checks each
 * handshake first, and takes the bare WebSocket from the package at once.
 */
import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Socket as TcpSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createNodeWebSocket } from '@hono/node-ws';
import type { Context, Hono, MiddlewareHandler } from 'hono';
import type { WebSocket } from 'ws';
import { MAX_FRAME_BYTES } from '../../../protocol/limits.ts';
import type { ConnectRequest } from '../../access/gate.ts';
import type { RequestVisit } from '../../access/request-visit.ts';
import type { AppEnv, RoomRouteOptions } from '../../http/room-route.ts';
import { ROOM_PATH } from '../../http/rooms.ts';
import type { Dialect } from '../../room/dialect.ts';
import { guard } from '../lifecycle.ts';
import { holdFrames, MAX_AHEAD_BYTES, releaseFrames } from './frame-reader.ts';
import { answerRaw, refuseRaw } from './raw-answer.ts';
import { faultOfHead, incomingOf } from './request.ts';
import type { TaskQueue } from './task-queue.ts';

/** Where an upgraded WebSocket leads and where it comes from, and its TCP socket. */
export interface Upgraded extends ConnectRequest {
  readonly tcp: TcpSocket;
}

export interface UpgradesOptions {
  /** Called with each open WebSocket. */
  readonly onUpgraded: (ws: WebSocket, upgraded: Upgraded) => void;
  /** Asks the gate about a handshake. `source` is what it takes turns with others for, such as a network. */
  readonly begin: (request: IncomingMessage) => { readonly visit: RequestVisit; readonly source: string };
  /** Called first with each request for an upgrade. */
  readonly onHandshake: (request: IncomingMessage) => void;
  /** Whether a request on this connection has not been answered yet. */
  readonly isBusy: (socket: Duplex) => boolean;
  /** Spreads handshakes that arrive at the same time over turns of the event loop. */
  readonly taskQueue: TaskQueue;
  /** Reports a bug of ours. */
  readonly report: (error: unknown) => void;
}

export interface Upgrades {
  readonly upgrade: (dialect: Dialect) => MiddlewareHandler<AppEnv>;
  readonly isHandshake: RoomRouteOptions['isHandshake'];
  /** Sends the server's upgrade requests through the guard. */
  readonly listen: (server: Pick<Server, 'on'>) => void;
}

const OPEN = 1;
/** Sixteen bytes in base64 (RFC 6455, section 4.1). */
const KEY = /^[+/\dA-Za-z]{22}==$/;
/**
 * The fragments of one message, and the pieces in which a frame may arrive from the network; at more, `ws` closes with
 * 1008. The smallest packets that a network must carry whole (576 bytes, RFC 791) hold a frame of the largest size.
 */
const MAX_FRAGMENTS = 16;
const MAX_PIECES = 256;
/** Answers to pings of the protocol that may wait in a socket; with more, `ws` ends the connection. */
const MAX_PENDING_PONGS = 60;
/** How long the other end may take to answer a close. `ws` would wait for 30 s, in which many could accumulate. */
const CLOSE_TIMEOUT_MS = 5000;
/** What is read of a client after its handshake was refused; at more, the socket is closed. */
const MAX_DROPPED_BYTES = 65_536;
/** How long the socket of a refused handshake may stay open. */
const REFUSED_MS = 5000;

/** Connects the package to `app`. The routes that use the returned `upgrade` may be added to `app` later. */
export function createUpgrades(app: Hono<AppEnv>, options: UpgradesOptions): Upgrades {
  const { onUpgraded, onHandshake, begin, isBusy, taskQueue, report } = options;
  const { wss, upgradeWebSocket, injectWebSocket } = createNodeWebSocket({ app });
  // The package's listener is added to a server that never listens, so that ours can run first.
  const behind = createServer();
  injectWebSocket(behind);
  const [proceed] = behind.listeners('upgrade');
  Object.assign(wss.options, {
    maxPayload: MAX_FRAME_BYTES,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_PIECES,
    maxPendingAutoPongs: MAX_PENDING_PONGS,
    closeTimeout: CLOSE_TIMEOUT_MS,
  });
  // The relay tracks its connections itself. This set would leak them, because its close listener is removed below.
  Object.assign(wss, { clients: undefined });
  const handleUpgrade = wss.handleUpgrade.bind(wss);
  wss.handleUpgrade = (request, socket, head, done) => {
    if (socket.readable && socket.writable) return handleUpgrade(request, socket, head, done);
    // The socket was reset. Without an event the package would wait for it forever and leak its request.
    socket.destroy();
    wss.emit('connection', new EventEmitter(), request);
  };

  const proceedWith = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // It may have left while it waited.
    if (!socket.readable) return void socket.destroy();
    releaseFrames(request.socket);
    const timer = setTimeout(() => socket.destroy(), REFUSED_MS).unref();
    try {
      await proceed?.(request, socket, head);
      if (socket.writableEnded) dropRest(socket);
      else clearTimeout(timer);
    } catch (error) {
      report(error);
      socket.destroy();
    }
  };

  return {
    upgrade(dialect) {
      const upgrade = upgradeWebSocket(
        (c: Context<AppEnv>) => ({
          onOpen(_event, { raw }) {
            const request = incomingOf(c);
            if (raw?.readyState !== OPEN || !request) return;
            const upgraded = { tcp: request.socket, dialect, room: c.get('room'), address: c.get('address') };
            const take = () => {
              // By now the package has added its listeners. They would keep its context and the request in memory.
              raw.removeAllListeners();
              raw.on('error', ignore);
              onUpgraded(raw, upgraded);
            };
            queueMicrotask(guard(take, report));
          },
        }),
        { onError: report },
      );
      // For any other request the package would wait for its socket forever.
      return (c, next) => (isHandshake(c) ? upgrade(c, next) : next());
    },
    isHandshake,
    listen(server) {
      const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        // It is not one, but the end of what is parsed of a closed connection (messages.ts).
        if (socket.destroyed) return;
        socket.on('error', destroy);
        onHandshake(request);
        holdFrames(request.socket);
        // An upgrade that does not wait for the answers before it would be mixed with them.
        if (isBusy(socket)) return void socket.destroy();
        const refuse = (answer: () => void) => {
          releaseFrames(request.socket);
          dropRest(socket);
          answer();
        };
        const fault = faultOf(request, head);
        if (fault !== undefined) return refuse(() => answerRaw(socket, fault));
        const { visit, source } = begin(request);
        const { refusal } = visit;
        if (refusal) {
          visit.end();
          return refuse(() => refuseRaw(socket, refusal));
        }
        // It is a part of what was read at once, all of which would stay in memory.
        const ahead = Buffer.from(head);
        taskQueue.add(() => void proceedWith(request, socket, ahead).finally(() => visit.end()), source);
      };
      server.on('upgrade', guard(onUpgrade, report));
    },
  };
}

/** A request with an HTTP response is not one, whatever its headers offer. */
function isHandshake(c: Context): boolean {
  const { outgoing }: { outgoing?: unknown } = c.env ?? {};
  return outgoing === undefined;
}

/** Shared by all sockets: a closure per socket would keep its request and timer in memory as long as the connection. */
function destroy(this: Duplex): void {
  this.destroy();
}

/** An error needs no handling, because a close event follows it. */
function ignore(): void {}

/**
 * Checks a handshake (RFC 6455, section 4.2.1). Returns the head of the error response, or `undefined` if it is valid.
 */
function faultOf(request: IncomingMessage, head: Buffer): string | undefined {
  const { url = '', headers } = request;
  // A path that starts with two slashes, or a slash and a backslash, would be parsed as a host.
  if (!/^\/(?![/\\])/.test(url) || !URL.canParse(url, 'http://relay')) return '404 Not Found';
  // URL parsing would resolve dot segments, which leads to another room or dialect.
  if (/\/(\.|%2e){1,2}(?![^/?#])/i.test(url)) return '404 Not Found';
  if (!ROOM_PATH.test(url)) return '404 Not Found';
  const fault = faultOfHead(request);
  if (fault) return `${fault.status} ${STATUS_CODES[fault.status]}`;
  // A client waits for the answer before it says more than a hello.
  if (head.length > MAX_AHEAD_BYTES) return '400 Bad Request';
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) return '400 Bad Request';
  if (headers['sec-websocket-version'] !== '13') return '426 Upgrade Required\r\nSec-WebSocket-Version: 13';
  // We use no subprotocol, and `ws` would refuse a malformed header.
  delete headers['sec-websocket-protocol'];
  return undefined;
}

/** Reads on after a refused handshake and drops what comes, because a socket that is not read never says that it ended. */
function dropRest(socket: Duplex): void {
  let left = MAX_DROPPED_BYTES;
  socket.on('data', (data: Buffer) => {
    left -= data.length;
    if (left < 0) socket.destroy();
  });
}
