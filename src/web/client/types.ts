/** What a line takes and what it tells: the seam between it and whatever stands around it, a page, a bot or a test. */
import type { Message } from '../../protocol/entries.ts';
import type { PageFrame, PeopleFrame, Refused, TypingFrame, Welcome } from '../../protocol/frames.ts';
import type { OutboxStorage, Outgoing } from './outbox.ts';
import type { Clock } from './timers.ts';

/** The part of a WebSocket that a line uses; a browser's fits. */
export interface WebSocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: (() => void) | null;
  readonly readyState: number;
  send(text: string): void;
  close(code?: number): void;
}

/** What a page hears of its own life. */
export type PageEvent = 'visible' | 'hidden' | 'online' | 'offline' | 'resume' | 'pageshow' | 'pagehide';

export interface PageLifecycle {
  readonly hidden: boolean;
  /** Returns what stops it. */
  listen(listener: (event: PageEvent) => void): () => void;
}

export type ConnectionState =
  /** An attempt is under way. */
  | { readonly name: 'connecting' }
  /** The welcome has come. */
  | { readonly name: 'connected' }
  /** The next attempt comes at `until`, by the line's clock (ms). */
  | { readonly name: 'waiting'; readonly until: number }
  /** By hand. */
  | { readonly name: 'closed' }
  /** By a close code after which coming back makes no sense. */
  | { readonly name: 'stopped'; readonly code: number };

/** What a line tells. */
export interface ClientListener {
  state?(state: ConnectionState): void;
  /** At every connect. */
  welcome?(frame: Welcome): void;
  /** A page of the log begins. */
  page?(frame: PageFrame): void;
  /** Every seq once, in order; `replayed` from a page. */
  message?(message: Message, replayed: boolean): void;
  /** The log is another one: what came so far stands in none that can be resumed. */
  reset?(): void;
  /** Said, failed, unknown, or pending again. */
  outgoing?(item: Outgoing): void;
  /** Stored, so no longer outgoing. An echo comes as `message` right after; an acknowledgement out of turn does not. */
  sent?(id: string, message: Message): void;
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
  /** Tells apart the outboxes of two lines to one room in one tab. */
  readonly instance?: string;
  /** 0 switches it off. */
  readonly heartbeatMs?: number | undefined;
  readonly token?: string;
  readonly connect?: (url: string) => WebSocketLike;
  readonly clock?: Clock;
  /** From 0 to 1, as `Math.random`. */
  readonly random?: () => number;
  /** Where the outbox is kept; without it, in memory alone. */
  readonly storage?: OutboxStorage | undefined;
  readonly lifecycle?: PageLifecycle;
}
