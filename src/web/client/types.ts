/** What a client takes and what it tells: the seam between it and a page, a bot or a test. No type of a runtime is used. */
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

/** What happens to the page in which a client runs. */
export type PageEvent = 'visible' | 'hidden' | 'online' | 'offline' | 'resume' | 'pageshow' | 'pagehide';

export interface PageLifecycle {
  readonly hidden: boolean;
  /** Returns the function that stops listening. */
  listen(listener: (event: PageEvent) => void): () => void;
}

export type ConnectionState =
  /** An attempt is under way. */
  | { readonly name: 'connecting' }
  /** The welcome has come. */
  | { readonly name: 'connected' }
  /** The next attempt comes at `until`, by the client's clock (ms). */
  | { readonly name: 'waiting'; readonly until: number }
  /** Not opened yet, or closed by its owner. */
  | { readonly name: 'closed' }
  /** The relay closed with a code after which coming back makes no sense. */
  | { readonly name: 'stopped'; readonly code: number };

/** What a client tells. Every method is optional. */
export interface ClientListener {
  state?(state: ConnectionState): void;
  /** At every connect. */
  welcome?(frame: Welcome): void;
  /** A page of the log begins. */
  page?(frame: PageFrame): void;
  /** A message in its present form. Each comes once, in the order of `seq`; `replayed` says that it comes from a page. */
  message?(message: Message, replayed: boolean): void;
  /**
   * The message at `of` has the text of this edit. It may never have been told, or have come over HTTP in a form that is as
   * new, with a `rev` that is not below this `seq`: then there is nothing to do.
   */
  changed?(edit: Edited): void;
  /** The messages at these `seq` are erased. Some of them may never have been told. */
  erased?(seqs: readonly number[]): void;
  /** The log is another one: no earlier message has a place in it. */
  reset?(): void;
  /** A message of one's own is pending, failed or unknown. */
  outgoing?(item: Outgoing): void;
  /** Stored, so no longer outgoing. An echo comes as `message` right after; an acknowledgement out of turn does not. */
  sent?(id: string, message: Message): void;
  /** No longer outgoing: it was given up, or it has been stored and erased since. */
  discarded?(id: string): void;
  people?(frame: PeopleFrame): void;
  typing?(frame: TypingFrame): void;
  /** A hello or a rename was refused for good. */
  refused?(frame: Refused): void;
  renamed?(user: string): void;
  /** A ping was answered after so many milliseconds. */
  pong?(roundTripMs: number): void;
}

export interface ClientOptions {
  readonly user: string;
  /** The secret that makes an identity: 16 to 128 of `A-Za-z0-9_-`. */
  readonly key: string;
  /** Tells apart the outboxes of two clients of one room in one tab. */
  readonly instance?: string;
  /** Milliseconds between pings; 0 switches them off. */
  readonly heartbeatMs?: number | undefined;
  readonly token?: string;
  /** Opens a WebSocket; by default one of the global class. */
  readonly connect?: (url: string) => WebSocketLike;
  readonly clock?: Clock;
  /** From 0 to 1, as `Math.random`. */
  readonly random?: () => number;
  /** Where the outbox is stored; without it, in memory alone. */
  readonly storage?: OutboxStorage | undefined;
  readonly lifecycle?: PageLifecycle;
}
