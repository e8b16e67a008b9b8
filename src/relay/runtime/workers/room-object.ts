/**
 * A Durable Object that is one room: sockets and storage in, the relay does the rest. While nobody speaks it sleeps, its
 * sockets open and their pings answered without it; what each reader was is kept with its socket, so that it wakes as
 * the same room and nobody is announced again.
 */

import { DurableObject } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import { PING } from '../../../protocol/frames.ts';
import { CLOSE_FAULT, CLOSE_SILENT, CLOSE_TOO_BIG, MAX_FRAME_BYTES } from '../../../protocol/limits.ts';
import { Gate } from '../../access/gate.ts';
import type { Clock } from '../../clock.ts';
import { ConfigError, readConfig } from '../../config.ts';
import type { Connection } from '../../connection.ts';
import { SqliteLog } from '../../log/sqlite-log.ts';
import { Relay } from '../../relay.ts';
import { BINARY } from '../../room/batch.ts';
import type { HistoryPage } from '../../room/context.ts';
import { DIALECTS, type Dialect, type DialectName } from '../../room/dialect.ts';
import type { ReaderSnapshot } from '../../room/reader.ts';
import { utf8Length } from '../../utf8.ts';
import { WorkersDatabase } from './database.ts';
import { StoredDedupWindow } from './dedup-window.ts';
import type { Env } from './env.ts';
import { runIdleAlarm, scheduleIdleAlarm } from './idle-alarm.ts';
import { WorkersSocket } from './socket.ts';

/** When to look who has said no hello in its 10 s. */
const HELLO_LOOK_MS = 10_050;
/** A thousand readers that return at once and do not read may hold a page each, of an object's 128 MB. */
const PAGE_BYTES = 32_768;
/** A deploy closes every connection without a warning. */
const MIN_SPREAD_MS = 1000;
const DECODER = new TextDecoder();

/** What is kept with a socket while the room sleeps; at most 16,384 bytes may be. */
interface Attachment {
  readonly room: string;
  readonly dialect: DialectName;
  readonly address: string;
  /** None of who was turned away. */
  readonly snapshot: ReaderSnapshot | undefined;
}

/** An open socket, while the room is awake. */
interface OpenConnection {
  readonly socket: WorkersSocket;
  readonly connection: Connection;
  attachment: Attachment;
}

export class RoomObject extends DurableObject<Env> {
  readonly #relay: Relay;
  readonly #connections = new Map<WebSocket, OpenConnection>();
  /** Who is expected to say hello. While there is anyone, a timer keeps the room awake. */
  readonly #awaitingHello = new Set<WebSocket>();
  #helloTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const config = readConfig(env);
    if (config instanceof ConfigError) throw new Error(config.message);
    const database = new WorkersDatabase(ctx.storage);
    const log = new SqliteLog(database, {
      history: config.history,
      interrupted: false,
      restored: false,
      report,
    });
    this.#relay = new Relay({
      gate: new Gate(config, { minSpreadMs: MIN_SPREAD_MS }),
      log,
      clock: CLOCK,
      sha256: text => createHash('sha256').update(text).digest(),
      // A message is one event here: more of them in a commit would only make one reader's share at once too large.
      defer: run => queueMicrotask(guard(run, report)),
      dedupWindow: new StoredDedupWindow(database, CLOCK),
      report,
      pageBytes: PAGE_BYTES,
      idleMs: Number.POSITIVE_INFINITY,
    });
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PING));
    const slept = ctx.getWebSockets().map(ws => ({ ws, attachment: attachmentOf(ws) }));
    // They come in no order, but people are listed in that in which they came.
    slept.sort((a, b) => (a.attachment?.snapshot?.openedAt ?? 0) - (b.attachment?.snapshot?.openedAt ?? 0));
    for (const { ws, attachment } of slept) guard(() => this.#restore(ws, attachment), report)();
    if (config.logLevel === 'debug') console.log(`room awake with ${this.#connections.size} connections`);
  }

  /** Takes in a socket; `room`, `dialect` and `address` stand in the query. */
  override async fetch(request: Request): Promise<Response> {
    const query = new URL(request.url).searchParams;
    const room = query.get('room') ?? '';
    const dialect = query.get('dialect') === 'tutorial' ? DIALECTS.tutorial : DIALECTS.v1;
    const address = query.get('address') ?? '';
    const { 0: client, 1: ws } = new WebSocketPair();
    this.ctx.acceptWebSocket(ws);
    const socket = this.#socketOf(ws, dialect);
    const connection = this.#relay.connect(socket, { room, dialect, address });
    const open: OpenConnection = {
      socket,
      connection,
      attachment: { room, dialect: dialect.name, address, snapshot: undefined },
    };
    this.#connections.set(ws, open);
    remember(ws, open);
    if (dialect.greets) this.#awaitHello(ws);
    await scheduleIdleAlarm(this.ctx.storage, Date.now());
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(ws: WebSocket, data: string | ArrayBuffer): void {
    const open = this.#connections.get(ws);
    if (!open) return;
    const { socket, connection, attachment } = open;
    socket.onMessage(Date.now());
    const text =
      typeof data === 'string' ? data : DIALECTS[attachment.dialect].takesBinary ? DECODER.decode(data) : undefined;
    const bytes = typeof data === 'string' ? utf8Length(data) : data.byteLength;
    if (bytes > MAX_FRAME_BYTES) return socket.close(CLOSE_TOO_BIG, '');
    try {
      connection.onMessage(text);
      remember(ws, open);
      if (open.attachment.snapshot?.person) this.#stopAwaitingHello(ws);
    } catch (error) {
      report(error);
      this.#leave(ws);
      socket.close(CLOSE_FAULT, '');
    }
  }

  /** Answers a close; where the code is none that may be sent (1005, 1006, 1015), with another. */
  override webSocketClose(ws: WebSocket, code: number): void {
    const socket = this.#connections.get(ws)?.socket;
    this.#leave(ws);
    socket?.close(code === 1000 || (code >= 3000 && code < 5000) ? code : 1000, '');
  }

  override webSocketError(ws: WebSocket): void {
    this.#leave(ws);
  }

  /** Closes who has gone silent; comes again only while someone is here. */
  override async alarm(): Promise<void> {
    const connections = [...this.#connections.values()].map(({ socket, attachment }) => ({
      lastFrameAt: Math.max(attachment.snapshot?.openedAt ?? 0, socket.lastFrameAt),
      close: () => socket.close(CLOSE_SILENT, ''),
    }));
    await runIdleAlarm(this.ctx.storage, Date.now(), connections);
  }

  /** What is in the log of the room of this name, which is this object. */
  history(room: string, place: { after: number } | { before: number } | undefined, limit: number): HistoryPage {
    return this.#relay.history(room, place, limit);
  }

  #restore(ws: WebSocket, attachment: Attachment | null): void {
    if (!attachment?.snapshot) return ws.close(CLOSE_FAULT);
    const { room, address, snapshot } = attachment;
    const dialect = DIALECTS[attachment.dialect];
    const socket = this.#socketOf(ws, dialect);
    const connection = this.#relay.restore(socket, { room, dialect, address }, snapshot);
    this.#connections.set(ws, { socket, connection, attachment });
  }

  #leave(ws: WebSocket): void {
    const open = this.#connections.get(ws);
    this.#connections.delete(ws);
    this.#stopAwaitingHello(ws);
    if (open) guard(() => open.connection.onClose(), report)();
  }

  #socketOf(ws: WebSocket, dialect: Dialect): WorkersSocket {
    return new WorkersSocket(
      ws,
      dialect.opcode === BINARY,
      () => this.ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? 0,
    );
  }

  #awaitHello(ws: WebSocket): void {
    this.#awaitingHello.add(ws);
    this.#helloTimer ??= setTimeout(() => {
      this.#helloTimer = undefined;
      guard(() => this.#relay.sweep(), report)();
      for (const stranger of this.#awaitingHello) this.#awaitHello(stranger);
    }, HELLO_LOOK_MS);
  }

  #stopAwaitingHello(ws: WebSocket): void {
    this.#awaitingHello.delete(ws);
    if (this.#awaitingHello.size > 0) return;
    clearTimeout(this.#helloTimer);
    this.#helloTimer = undefined;
  }
}

const CLOCK: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(guard(run, report), ms),
  // What comes back is what our own setTimeout gave.
  clearTimeout: timer => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

function attachmentOf(ws: WebSocket): Attachment | null {
  return ws.deserializeAttachment();
}

/** Keeps with the socket what its reader is now, if that has changed. */
function remember(ws: WebSocket, open: OpenConnection): void {
  const { attachment, connection } = open;
  const snapshot = connection.snapshot();
  if (snapshot && attachment.snapshot && isSame(snapshot, attachment.snapshot)) return;
  open.attachment = { ...attachment, snapshot };
  ws.serializeAttachment(open.attachment);
}

/** Where a live reader began to be live does not matter. */
function isSame(a: ReaderSnapshot, b: ReaderSnapshot): boolean {
  const sameName = a.person?.from === b.person?.from && a.person?.user === b.person?.user;
  return sameName && a.live === b.live && a.offered === b.offered && (a.live || a.cursor === b.cursor);
}

/** Our own bugs are caught here at the edge, so that they cost no more than the beat they are in. */
function guard(run: () => void, caught: (error: unknown) => void): () => void {
  return () => {
    try {
      run();
    } catch (error) {
      caught(error);
    }
  };
}

function report(error: unknown): void {
  console.error(error);
}
