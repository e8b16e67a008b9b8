/**
 * The Durable Object of one room: it connects sockets and storage to the relay. While nobody sends anything it sleeps:
 * its sockets stay open, and the platform answers their pings. Each reader's state is stored with its socket, so that
 * the room wakes unchanged and nobody is announced again.
 */

import { DurableObject } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import { PING } from '../../../protocol/frames.ts';
import { Fence } from '../../access/fence.ts';
import { Gate } from '../../access/gate.ts';
import { publicId } from '../../access/identity.ts';
import type { Refusal } from '../../access/refusal.ts';
import { ConfigError } from '../../config.ts';
import { bodyOf, retryAfter } from '../../http/errors.ts';
import type { Soon } from '../../log/soon.ts';
import { SqliteLog } from '../../log/sqlite-log.ts';
import { Relay } from '../../relay.ts';
import type { HistoryPage, HistoryPosition } from '../../room/context.ts';
import { DIALECTS, isDialectName } from '../../room/dialect.ts';
import { guard, guardedClock } from '../lifecycle.ts';
import { readWorkerConfig } from './config.ts';
import { Connections } from './connections.ts';
import { WorkersDatabase } from './database.ts';
import { StoredDedupWindow } from './dedup-window.ts';
import type { Env } from './env.ts';
import { type KeptRoom, runKeepAlarm } from './keep-alarm.ts';
import { ReadBudget } from './read-budget.ts';

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
  readonly #connections: Connections<WebSocket>;

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
    const budget = new ReadBudget(() => this.#relay.connections);
    // This gate counts the room's connections. The Worker's own gate has checked their origins.
    const gate = new Gate(config, { minSpreadMs: MIN_SPREAD_MS, fence: new Fence(config.fence) });
    this.#relay = new Relay({
      gate,
      log: this.#log,
      clock: CLOCK,
      sha256,
      // Each message is a separate event here: a larger commit would only make one reader's batch too large.
      defer,
      dedupWindow: new StoredDedupWindow(database, CLOCK),
      report,
      sendBudget: budget,
      pageBytes: PAGE_BYTES,
      idleMs: Number.POSITIVE_INFINITY,
    });
    this.#connections = new Connections(hostOf(ctx), this.#relay, { gate, budget, clock: CLOCK, defer, report });
    if (config.logLevel === 'debug') console.log(`room awake with ${this.#connections.count} connections`);
  }

  /** Upgrades a request to a socket. The query contains `room`, `dialect` and `address`. */
  override async fetch(request: Request): Promise<Response> {
    const query = new URL(request.url).searchParams;
    const [room = '', name = '', address = ''] = ['room', 'dialect', 'address'].map(key => query.get(key) ?? '');
    if (!isDialectName(name)) return new Response(null, { status: 400 });
    const refusal = this.#connections.refuse(address);
    if (refusal) return refusedResponse(refusal);
    const { 0: client, 1: ws } = new WebSocketPair();
    await this.#connections.open(ws, { room, dialect: DIALECTS[name], address });
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(ws: WebSocket, data: string | ArrayBuffer): void {
    this.#connections.onMessage(ws, data);
  }

  override webSocketClose(ws: WebSocket, code: number): void {
    this.#connections.onClosing(ws, code);
  }

  override webSocketError(ws: WebSocket): void {
    this.#connections.onClose(ws);
  }

  /** Closes silent connections, and removes the room once nothing was written to it for long. */
  override async alarm(): Promise<void> {
    await this.#connections.onAlarm();
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
}

function refusedResponse(refusal: Refusal): Response {
  const { status, retryMs } = refusal;
  const headers = retryMs === undefined ? {} : { 'Retry-After': retryAfter(retryMs) };
  return Response.json(bodyOf(refusal), { status, headers });
}

function hostOf(ctx: DurableObjectState) {
  const pong = new WebSocketRequestResponsePair(PING, PING);
  return {
    alarm: ctx.storage,
    accept: (ws: WebSocket) => ctx.acceptWebSocket(ws),
    sockets: () => ctx.getWebSockets(),
    pingedAt: (ws: WebSocket) => ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? 0,
    answerPings: (on: boolean) => (on ? ctx.setWebSocketAutoResponse(pong) : ctx.setWebSocketAutoResponse()),
  };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();

function defer(run: () => void): void {
  queueMicrotask(guard(run, report));
}

function report(error: unknown): void {
  console.error(error);
}

/** The platform has no clock but the time of day that goes on through a sleep. */
const CLOCK = guardedClock(report, () => Date.now());
