/**
 * The Durable Object of one room: it connects sockets and storage to the relay. While nobody sends anything it sleeps:
 * its sockets stay open, and the platform answers their pings. Each reader's state is stored with its socket, so that
 * the room wakes unchanged and nobody is announced again.
 */

import { DurableObject } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import { PING } from '../../../protocol/frames.ts';
import { CLOSE_FAULT, CLOSE_SILENT } from '../../../protocol/limits.ts';
import { Fence } from '../../access/fence.ts';
import { Gate } from '../../access/gate.ts';
import { publicId } from '../../access/identity.ts';
import { ConfigError } from '../../config.ts';
import type { Soon } from '../../log/soon.ts';
import { SqliteLog } from '../../log/sqlite-log.ts';
import { Relay } from '../../relay.ts';
import type { HistoryPage, HistoryPosition } from '../../room/context.ts';
import { DIALECTS, isDialectName } from '../../room/dialect.ts';
import { guard, guardedClock } from '../lifecycle.ts';
import { readWorkerConfig } from './config.ts';
import { WorkersDatabase } from './database.ts';
import { StoredDedupWindow } from './dedup-window.ts';
import type { Env } from './env.ts';
import { runIdleAlarm, scheduleIdleAlarm } from './idle-alarm.ts';
import { type KeptRoom, runKeepAlarm } from './keep-alarm.ts';
import {
  inOrder,
  openConnection,
  restoreConnection,
  type SleptSocket,
  type SocketConnection,
} from './socket-connection.ts';

/** When to look for clients that have not said hello within 10 s. */
const HELLO_LOOK_MS = 10_050;
/**
 * Small, because a thousand readers that return at once and do not read may hold a page each, in an object's 128 MB.
 */
const PAGE_BYTES = 32_768;
/** Longer than on Node, because a deploy closes every connection without warning. */
const MIN_SPREAD_MS = 1000;

export class RoomObject extends DurableObject<Env> {
  readonly #relay: Relay;
  readonly #log: SqliteLog;
  readonly #keepMs: number;
  readonly #connections = new Map<WebSocket, SocketConnection>();
  /** Sockets whose clients have not said hello yet. While there are any, a timer keeps the room awake. */
  readonly #awaitingHello = new Set<WebSocket>();
  #helloTimer: unknown;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const config = readWorkerConfig(env);
    if (config instanceof ConfigError) throw new Error(config.message);
    const database = new WorkersDatabase(ctx.storage);
    this.#keepMs = config.keepMs;
    this.#log = new SqliteLog(database, {
      history: config.history,
      report,
      now: CLOCK.date(),
      // The same on every waking, so that no client is told that entries may be missing.
      epoch: publicId(ctx.id.toString(), sha256),
    });
    this.#relay = new Relay({
      // This gate counts the room's connections. The Worker's own gate has checked their origins.
      gate: new Gate(config, { minSpreadMs: MIN_SPREAD_MS, fence: new Fence(config.fence) }),
      log: this.#log,
      clock: CLOCK,
      sha256,
      // Each message is a separate event here: a larger commit would only make one reader's batch too large.
      defer: run => queueMicrotask(guard(run, report)),
      dedupWindow: new StoredDedupWindow(database, CLOCK),
      report,
      pageBytes: PAGE_BYTES,
      idleMs: Number.POSITIVE_INFINITY,
    });
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PING));
    for (const slept of inOrder(ctx.getWebSockets())) guard(() => this.#restore(slept), report)();
    if (config.logLevel === 'debug') console.log(`room awake with ${this.#connections.size} connections`);
  }

  /** Upgrades a request to a socket. The query contains `room`, `dialect` and `address`. */
  override async fetch(request: Request): Promise<Response> {
    const query = new URL(request.url).searchParams;
    const [room = '', name = '', address = ''] = ['room', 'dialect', 'address'].map(key => query.get(key) ?? '');
    if (!isDialectName(name)) return new Response(null, { status: 400 });
    const dialect = DIALECTS[name];
    const { 0: client, 1: ws } = new WebSocketPair();
    this.ctx.acceptWebSocket(ws);
    this.#connections.set(ws, openConnection(this.#relay, ws, { room, dialect, address, pingedAt: this.#pingedAt }));
    if (dialect.greets) this.#awaitHello(ws);
    await scheduleIdleAlarm(this.ctx.storage, CLOCK.date());
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(ws: WebSocket, data: string | ArrayBuffer): void {
    const connection = this.#connections.get(ws);
    if (!connection) return;
    try {
      connection.onMessage(data);
      if (connection.saidHello) this.#stopAwaitingHello(ws);
    } catch (error) {
      report(error);
      this.#leave(ws);
      connection.close(CLOSE_FAULT);
    }
  }

  /** Answers a close, with another code if this one must not be sent (1005, 1006, 1015). */
  override webSocketClose(ws: WebSocket, code: number): void {
    const connection = this.#connections.get(ws);
    this.#leave(ws);
    connection?.close(code === 1000 || (code >= 3000 && code < 5000) ? code : 1000);
  }

  override webSocketError(ws: WebSocket): void {
    this.#leave(ws);
  }

  /** Closes silent connections, and removes the room once nothing was written to it for long. */
  override async alarm(): Promise<void> {
    const connections = [...this.#connections.values()].map(connection => ({
      lastFrameAt: connection.lastFrameAt,
      close: () => connection.close(CLOSE_SILENT),
    }));
    await runIdleAlarm(this.ctx.storage, CLOCK.date(), connections);
    await runKeepAlarm(this.ctx.storage, CLOCK.date(), this.#kept());
  }

  /** Reads messages from the log of this object's room, which has this name. */
  history(room: string, position: HistoryPosition | undefined, limit: number): Soon<HistoryPage> {
    return this.#relay.history(room, position, limit);
  }

  #kept(): KeptRoom {
    const log = this.#log;
    return {
      keepMs: this.#keepMs,
      writtenAt: () => log.writtenAt,
      isOpen: this.#relay.rooms > 0,
      remove: () => log.removeAll(),
    };
  }

  #restore(slept: SleptSocket<WebSocket>): void {
    const connection = restoreConnection(this.#relay, slept, this.#pingedAt);
    if (connection) this.#connections.set(slept.ws, connection);
  }

  #leave(ws: WebSocket): void {
    const connection = this.#connections.get(ws);
    this.#connections.delete(ws);
    this.#stopAwaitingHello(ws);
    if (connection) guard(() => connection.onClose(), report)();
  }

  readonly #pingedAt = (ws: WebSocket): number => this.ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? 0;

  #awaitHello(ws: WebSocket): void {
    this.#awaitingHello.add(ws);
    this.#helloTimer ??= CLOCK.setTimeout(() => {
      this.#helloTimer = undefined;
      guard(() => this.#relay.sweep(), report)();
      for (const waiting of this.#awaitingHello) this.#awaitHello(waiting);
    }, HELLO_LOOK_MS);
  }

  #stopAwaitingHello(ws: WebSocket): void {
    this.#awaitingHello.delete(ws);
    if (this.#awaitingHello.size > 0) return;
    CLOCK.clearTimeout(this.#helloTimer);
    this.#helloTimer = undefined;
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();

function report(error: unknown): void {
  console.error(error);
}

/** The platform has no clock but the time of day that goes on through a sleep. */
const CLOCK = guardedClock(report, () => Date.now());
