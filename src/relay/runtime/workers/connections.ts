/**
 * The connections of one room's object: it opens and restores them, passes frames and closes to them, and closes those
 * that never say hello or have gone silent.
 *
 * The platform answers pings by itself, even those of a client to which it no longer sends anything. While there is such
 * a client it must not: the client then hears nothing, gives the connection up and resumes on another one.
 */
import { CLOSE_FAULT, CLOSE_SILENT } from '../../../protocol/limits.ts';
import type { ConnectRequest, Gate } from '../../access/gate.ts';
import type { Refusal } from '../../access/refusal.ts';
import type { Clock } from '../../clock.ts';
import type { Relay } from '../../relay.ts';
import { guard, type Report } from '../lifecycle.ts';
import { type HibernatingSocket, inOrder } from './attachment.ts';
import { type AlarmClock, runIdleAlarm, scheduleIdleAlarm } from './idle-alarm.ts';
import type { ReadBudget } from './read-budget.ts';
import { type ConnectionContext, SocketConnection } from './socket-connection.ts';

/** The parts of a Durable Object that this needs. */
export interface RoomHost<S extends HibernatingSocket> {
  readonly alarm: AlarmClock;
  /** Takes a socket, which stays open while the object sleeps. */
  accept(ws: S): void;
  /** The sockets that were accepted and are not closed yet, in any order. */
  sockets(): readonly S[];
  /** When the platform last answered a ping of a socket by itself (ms since 1970); 0 if never. */
  pingedAt(ws: S): number;
  /** Sets whether the platform answers pings by itself. */
  answerPings(on: boolean): void;
}

export interface ConnectionsOptions {
  readonly gate: Pick<Gate, 'beginHandshake'>;
  readonly budget: ReadBudget;
  readonly clock: Clock;
  /** Runs a function after everything that is running now. */
  readonly defer: (run: () => void) => void;
  readonly report: Report;
}

/** When to look for clients that have not said hello within 10 s. */
const HELLO_LOOK_MS = 10_050;
/**
 * How long a client that hears nothing may take to notice, with the timers of a background tab. After that it is not a
 * client that pings in order to find out, and the platform answers pings again.
 */
const LOST_MS = 5 * 60_000;

export class Connections<S extends HibernatingSocket> {
  readonly #host: RoomHost<S>;
  readonly #relay: Relay;
  readonly #gate: ConnectionsOptions['gate'];
  readonly #clock: Clock;
  readonly #report: Report;
  readonly #context: ConnectionContext;
  readonly #bySocket = new Map<S, SocketConnection>();
  /** Connections whose clients have not said hello yet. While there are any, a timer keeps the room awake. */
  readonly #awaitingHello = new Set<SocketConnection>();
  #helloTimer: unknown;
  /** Connections that have ended, whose clients may not have learned it. */
  readonly #lost = new Set<SocketConnection>();

  /** Restores the connections that were open before the room slept. */
  constructor(host: RoomHost<S>, relay: Relay, { gate, budget, clock, defer, report }: ConnectionsOptions) {
    this.#host = host;
    this.#relay = relay;
    this.#gate = gate;
    this.#clock = clock;
    this.#report = report;
    this.#context = {
      relay,
      budget,
      now: () => clock.date(),
      defer: run => defer(guard(run, report)),
      ended: connection => this.#ended(connection),
    };
    host.answerPings(true);
    for (const slept of inOrder(host.sockets())) {
      guard(() => {
        const { ws, attachment } = slept;
        // It was accepted by an object that ended before it could store anything.
        if (!attachment) return ws.close(CLOSE_FAULT, '');
        this.#add(ws, new SocketConnection(ws, this.#context, { attachment, slept: true }));
      }, report)();
    }
  }

  /** Open connections, including those that are closing. */
  get count(): number {
    return this.#bySocket.size;
  }

  /**
   * Asks whether a client at this address may have a socket. One that is accepted and refused then stays until the client
   * closes it, since the platform cannot end it.
   */
  refuse(address: string): Refusal | undefined {
    const visit = this.#gate.beginHandshake(address, this.#clock.now());
    visit.end();
    return visit.refusal;
  }

  /** Takes an upgraded socket. */
  async open(ws: S, { room, dialect, address }: ConnectRequest): Promise<void> {
    this.#host.accept(ws);
    const attachment = { room, dialect: dialect.name, address, snapshot: undefined };
    this.#add(ws, new SocketConnection(ws, this.#context, { attachment, slept: false }));
    await scheduleIdleAlarm(this.#host.alarm, this.#clock.date());
  }

  /** A frame was received. */
  onMessage(ws: S, data: string | ArrayBuffer): void {
    const connection = this.#bySocket.get(ws);
    if (!connection) return;
    try {
      connection.onMessage(data);
    } catch (error) {
      this.#report(error);
      connection.close(CLOSE_FAULT);
    }
    if (!connection.awaitsHello) this.#stopAwaitingHello(connection);
    this.#giveUpLost();
  }

  /** A client closes its socket, with this code: answers, with another code if this one must not be sent. */
  onClosing(ws: S, code: number): void {
    this.onClose(ws);
    guard(
      () => ws.close(code === 1000 || (code >= 3000 && code < 5000) ? code : 1000, ''),
      () => {
        // The platform has answered it.
      },
    )();
  }

  /** A socket is closed. */
  onClose(ws: S): void {
    const connection = this.#bySocket.get(ws);
    if (!connection) return;
    this.#bySocket.delete(ws);
    this.#stopAwaitingHello(connection);
    this.#stopWaitingFor(connection);
    guard(() => connection.onClose(), this.#report)();
  }

  /** Closes connections that are silent, or have not gone on reading. The alarm is set again while others are left. */
  async onAlarm(): Promise<void> {
    const open = [...this.#bySocket].filter(([, connection]) => !connection.ended);
    const connections = open.map(([ws, connection]) => ({
      idleSince: Math.min(
        Math.max(connection.lastFrameAt, this.#host.pingedAt(ws)),
        connection.behindSince ?? Number.POSITIVE_INFINITY,
      ),
      close: () => connection.close(CLOSE_SILENT),
    }));
    await runIdleAlarm(this.#host.alarm, this.#clock.date(), connections);
  }

  #add(ws: S, connection: SocketConnection): void {
    this.#bySocket.set(ws, connection);
    if (connection.awaitsHello) this.#awaitHello(connection);
  }

  #ended(connection: SocketConnection): void {
    this.#stopAwaitingHello(connection);
    const { lostSince } = connection;
    if (lostSince === undefined || this.#clock.date() - lostSince >= LOST_MS) return;
    if (this.#lost.size === 0) this.#host.answerPings(false);
    this.#lost.add(connection);
  }

  /** Lets the platform answer pings again once the lost clients have had their time. */
  #giveUpLost(): void {
    const now = this.#clock.date();
    for (const connection of this.#lost) {
      if (now - (connection.lostSince ?? 0) >= LOST_MS) this.#stopWaitingFor(connection);
    }
  }

  #stopWaitingFor(connection: SocketConnection): void {
    if (this.#lost.delete(connection) && this.#lost.size === 0) this.#host.answerPings(true);
  }

  #awaitHello(connection: SocketConnection): void {
    this.#awaitingHello.add(connection);
    this.#startHelloTimer();
  }

  #startHelloTimer(): void {
    this.#helloTimer ??= this.#clock.setTimeout(() => {
      this.#helloTimer = undefined;
      guard(() => this.#relay.sweep(), this.#report)();
      if (this.#awaitingHello.size > 0) this.#startHelloTimer();
    }, HELLO_LOOK_MS);
  }

  #stopAwaitingHello(connection: SocketConnection): void {
    this.#awaitingHello.delete(connection);
    if (this.#awaitingHello.size > 0) return;
    this.#clock.clearTimeout(this.#helloTimer);
    this.#helloTimer = undefined;
  }
}
