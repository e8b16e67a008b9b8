/**
 * A Durable Object that is one room: sockets and storage in, the relay does the rest. While nobody speaks it sleeps, its
 * sockets open and their pings answered without it; what each reader was is kept with its socket, so that it wakes as
 * the same room and nobody is announced again.
 */

import { DurableObject } from 'cloudflare:workers';
import { createHash } from 'node:crypto';
import { PING } from '../../../protocol/frames.ts';
import { CLOSE_FAULT, CLOSE_SILENT, CLOSE_TOO_BIG, MAX_FRAME_BYTES } from '../../../protocol/limits.ts';
import type { Clock } from '../../clock.ts';
import { ConfigError, readConfig } from '../../config.ts';
import type { Connection } from '../../connection.ts';
import { SqliteLog } from '../../log/sqlite-log.ts';
import { Relay } from '../../relay.ts';
import type { Door, ReaderMemory } from '../../room/reader.ts';
import type { HistoryPage } from '../../room/room.ts';
import { utf8Length } from '../../utf8.ts';
import { ObjectDatabase } from './database.ts';
import { StoredDoubts } from './dedup-window.ts';
import type { Env } from './env.ts';
import { ringSilence, watchSilence } from './idle-alarm.ts';
import { ObjectSocket } from './socket.ts';

/** When to look who has said no hello in its 10 s. */
const HELLO_LOOK_MS = 10_050;
/** A thousand readers that return at once and do not read may hold a page each, of an object's 128 MB. */
const PAGE_BYTES = 32_768;
/** A deploy closes every line without a warning. */
const MIN_SPREAD_MS = 1000;
const DECODER = new TextDecoder();

/** What is kept with a socket while the room sleeps; at most 16,384 bytes may be. */
interface Attachment {
  readonly room: string;
  readonly door: Door;
  readonly address: string;
  /** None of who was turned away. */
  readonly memory: ReaderMemory | undefined;
}

/** An open socket, while the room is awake. */
interface Line {
  readonly socket: ObjectSocket;
  readonly connection: Connection;
  attachment: Attachment;
}

export class RoomObject extends DurableObject<Env> {
  readonly #relay: Relay;
  readonly #lines = new Map<WebSocket, Line>();
  /** Who is expected to say hello. While there is anyone, a timer keeps the room awake. */
  readonly #strangers = new Set<WebSocket>();
  #helloTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const config = readConfig(env);
    if (config instanceof ConfigError) throw new Error(config.message);
    const database = new ObjectDatabase(ctx.storage);
    const log = new SqliteLog(database, {
      history: config.history,
      interrupted: false,
      restored: false,
      report,
    });
    this.#relay = new Relay({
      config,
      log,
      clock: CLOCK,
      sha256: text => createHash('sha256').update(text).digest(),
      // A message is one event here: more of them in a commit would only make one reader's share at once too large.
      defer: run => queueMicrotask(guard(run, report)),
      doubts: new StoredDoubts(database, CLOCK),
      report,
      pageBytes: PAGE_BYTES,
      silenceMs: Number.POSITIVE_INFINITY,
      minSpreadMs: MIN_SPREAD_MS,
    });
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PING));
    const slept = ctx.getWebSockets().map(ws => ({ ws, attachment: attachmentOf(ws) }));
    // They come in no order, but people are listed in that in which they came.
    slept.sort((a, b) => (a.attachment?.memory?.openedAt ?? 0) - (b.attachment?.memory?.openedAt ?? 0));
    for (const { ws, attachment } of slept) guard(() => this.#restore(ws, attachment), report)();
    if (config.logLevel === 'debug') console.log(`room awake with ${this.#lines.size} lines`);
  }

  /** Takes in a socket; `room`, `door` and `address` stand in the query. */
  override async fetch(request: Request): Promise<Response> {
    const query = new URL(request.url).searchParams;
    const room = query.get('room') ?? '';
    const door = query.get('door') === 'tutorial' ? 'tutorial' : 'room';
    const address = query.get('address') ?? '';
    const { 0: client, 1: ws } = new WebSocketPair();
    this.ctx.acceptWebSocket(ws);
    const socket = this.#socketOf(ws, door);
    const connection = this.#relay.connect(socket, room, door, address);
    const line: Line = { socket, connection, attachment: { room, door, address, memory: undefined } };
    this.#lines.set(ws, line);
    remember(ws, line);
    if (door === 'room') this.#expectHello(ws);
    await watchSilence(this.ctx.storage, Date.now());
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(ws: WebSocket, data: string | ArrayBuffer): void {
    const line = this.#lines.get(ws);
    if (!line) return;
    const { socket, connection, attachment } = line;
    socket.heard(Date.now());
    const text = typeof data === 'string' ? data : attachment.door === 'tutorial' ? DECODER.decode(data) : undefined;
    const bytes = typeof data === 'string' ? utf8Length(data) : data.byteLength;
    if (bytes > MAX_FRAME_BYTES) return socket.close(CLOSE_TOO_BIG, '');
    try {
      connection.receive(text);
      remember(ws, line);
      if (line.attachment.memory?.person) this.#forgetStranger(ws);
    } catch (error) {
      report(error);
      this.#leave(ws);
      socket.close(CLOSE_FAULT, '');
    }
  }

  /** Answers a close; where the code is none that may be sent (1005, 1006, 1015), with another. */
  override webSocketClose(ws: WebSocket, code: number): void {
    const socket = this.#lines.get(ws)?.socket;
    this.#leave(ws);
    socket?.close(code === 1000 || (code >= 3000 && code < 5000) ? code : 1000, '');
  }

  override webSocketError(ws: WebSocket): void {
    this.#leave(ws);
  }

  /** Closes who has gone silent; comes again only while someone is here. */
  override async alarm(): Promise<void> {
    const lines = [...this.#lines.values()].map(({ socket, attachment }) => ({
      heardAt: Math.max(attachment.memory?.openedAt ?? 0, socket.heardAt),
      close: () => socket.close(CLOSE_SILENT, ''),
    }));
    await ringSilence(this.ctx.storage, Date.now(), lines);
  }

  /** What is in the log of the room of this name, which is this object. */
  history(room: string, place: { after: number } | { before: number } | undefined, limit: number): HistoryPage {
    return this.#relay.history(room, place, limit);
  }

  #restore(ws: WebSocket, attachment: Attachment | null): void {
    if (!attachment?.memory) return ws.close(CLOSE_FAULT);
    const { room, door, address, memory } = attachment;
    const socket = this.#socketOf(ws, door);
    const connection = this.#relay.restore(socket, room, door, address, memory);
    this.#lines.set(ws, { socket, connection, attachment });
  }

  #leave(ws: WebSocket): void {
    const line = this.#lines.get(ws);
    this.#lines.delete(ws);
    this.#forgetStranger(ws);
    if (line) guard(() => line.connection.closed(), report)();
  }

  #socketOf(ws: WebSocket, door: Door): ObjectSocket {
    return new ObjectSocket(
      ws,
      door === 'tutorial',
      () => this.ctx.getWebSocketAutoResponseTimestamp(ws)?.getTime() ?? 0,
    );
  }

  #expectHello(ws: WebSocket): void {
    this.#strangers.add(ws);
    this.#helloTimer ??= setTimeout(() => {
      this.#helloTimer = undefined;
      guard(() => this.#relay.sweep(), report)();
      for (const stranger of this.#strangers) this.#expectHello(stranger);
    }, HELLO_LOOK_MS);
  }

  #forgetStranger(ws: WebSocket): void {
    this.#strangers.delete(ws);
    if (this.#strangers.size > 0) return;
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
function remember(ws: WebSocket, line: Line): void {
  const { attachment, connection } = line;
  const memory = connection.memory();
  if (memory && attachment.memory && isSame(memory, attachment.memory)) return;
  line.attachment = { ...attachment, memory };
  ws.serializeAttachment(line.attachment);
}

/** Where a live reader began to be live does not matter. */
function isSame(a: ReaderMemory, b: ReaderMemory): boolean {
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
