/** The options and events of a client. They use no type of a particular runtime. */
import type { Edited, Message } from '../../protocol/entries.ts';
import type { PageFrame, PeopleFrame, Refused, TypingFrame, Welcome } from '../../protocol/frames.ts';
import type { OutboxStorage, Outgoing } from './outbox.ts';
import type { Clock } from './timers.ts';

/** The part of a WebSocket that a client uses; every runtime's fits. */
export interface WebSocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: (() => void) | null;
  readonly readyState: number;
  send(text: string): void;
  close(code?: number): void;
}

/** The part of `fetch` that history.ts uses; every runtime's fits. */
export type FetchLike = (url: string) => Promise<{ json(): Promise<unknown> }>;

/** An event in the lifecycle of the page in which a client runs. */
export type PageEvent = 'visible' | 'hidden' | 'online' | 'offline' | 'resume' | 'pageshow' | 'pagehide';

export interface PageLifecycle {
  readonly hidden: boolean;
  /** Returns the function that stops listening. */
  listen(listener: (event: PageEvent) => void): () => void;
}

export type ConnectionState =
  /** An attempt is running. */
  | { readonly name: 'connecting' }
  /** The relay has welcomed the client. */
  | { readonly name: 'connected' }
  /** The next attempt is at `until`, by the client's clock (ms). */
  | { readonly name: 'waiting'; readonly until: number }
  /** Not opened yet, or closed by `close`. */
  | { readonly name: 'closed' }
  /** The relay closed the connection with a final code. */
  | { readonly name: 'stopped'; readonly code: number };

/** Receives a client's events. Every method is optional. */
export interface ClientListener {
  state?(state: ConnectionState): void;
  /** The relay has welcomed the client, on each new connection. */
  welcome?(frame: Welcome): void;
  /** A page of the log begins. */
  page?(frame: PageFrame): void;
  /** A message in its present form: each once, in the order of `seq`. It is `replayed` if it comes from a page. */
  message?(message: Message, replayed: boolean): void;
  /**
   * The message at `of` has a new text. There is nothing to do if the listener has not received that message, or has it
   * in a form that is as new: over HTTP, with a `rev` that is not below this `seq`.
   */
  changed?(edit: Edited): void;
  /** The messages at these `seq` are erased. The listener may not have received all of them. */
  erased?(seqs: readonly number[]): void;
  /** The log has been replaced: no earlier message is in it. */
  reset?(): void;
  /** An outgoing message is new, or has another state. */
  outgoing?(item: Outgoing): void;
  /** An outgoing message is stored. `message` follows at once, unless the cursor has already passed it. */
  sent?(id: string, message: Message): void;
  /** A message is no longer outgoing: it was given up, or was stored and has been erased since. */
  discarded?(id: string): void;
  people?(frame: PeopleFrame): void;
  typing?(frame: TypingFrame): void;
  /** A hello or a rename was refused for good. */
  refused?(frame: Refused): void;
  renamed?(user: string): void;
  /** A ping was answered. */
  pong?(roundTripMs: number): void;
}

export interface ClientOptions {
  readonly user: string;
  /** The secret that makes an identity: 16 to 128 of `A-Za-z0-9_-`. It is read for each hello. */
  readonly key: string;
  /** Distinguishes the outboxes of two clients of one room in one tab. */
  readonly instance?: string;
  /** Milliseconds between pings; 0 switches them off. */
  readonly heartbeatMs?: number | undefined;
  readonly token?: string;
  /** Opens a WebSocket; by default one of the global class. */
  readonly connect?: (url: string) => WebSocketLike;
  readonly clock?: Clock;
  /** From 0 to 1, as `Math.random`. */
  readonly random?: () => number;
  /** Where the outbox is stored; without it, it is only in memory. */
  readonly storage?: OutboxStorage | undefined;
  readonly lifecycle?: PageLifecycle;
}
