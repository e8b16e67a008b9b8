/**
 * The frames between a relay and its clients, version 1: the types, and how a frame is encoded. PROTOCOL.md says what
 * they mean. Relay and web share this folder and nothing else; it depends on nothing.
 */
import type { EntryFrame } from './entries.ts';

/** The one form of a ping, so that an edge can answer it by comparing text, without waking the room. */
export const PING = '{"type":"ping"}';

export const PROTOCOL_VERSION = 1;
/** What a page must know of a relay's bounds. `rate` 0 means no limit; `spread` is in milliseconds. */
export interface Limits {
  readonly message: number;
  readonly frame: number;
  readonly rate: number;
  readonly burst: number;
  readonly page: number;
  readonly spread: number;
}

/** Someone in the role of a name. Two connections with the same `from` and `user` are one person. */
export interface Person {
  readonly from: string;
  readonly user: string;
}

export interface Hello {
  readonly type: 'hello';
  readonly user: string;
  readonly key?: string;
  /** The log and the place in it of the last message the client has: both or neither. */
  readonly epoch?: string;
  readonly since?: number;
  readonly token?: string | undefined;
}

/** A client's `normal`: something to be stored and then read by everyone, its sender included. */
export interface Normal {
  readonly type: 'normal';
  readonly id: string;
  readonly message: string;
  readonly user?: string;
  /** Stands on every sending of an id but the first. */
  readonly again?: boolean | undefined;
}

export interface More {
  readonly type: 'more';
  readonly after: number;
}

export interface Rename {
  readonly type: 'rename';
  readonly user: string;
}

export interface Ping {
  readonly type: 'ping';
}

export type ClientFrame = Hello | Normal | More | Rename | Ping | { readonly type: 'typing' };

export interface Welcome {
  readonly type: 'welcome';
  readonly v: number;
  readonly room: string;
  readonly you: string;
  readonly epoch: string;
  readonly limits: Limits;
  readonly people: { readonly count: number; readonly list: readonly Person[] };
}

/** Announces that `replay` entries of the log follow at once. */
export interface PageFrame {
  readonly type: 'page';
  readonly replay: number;
  readonly head: number;
  /** Places before the page whose entries this client never got and the log no longer holds; `null` if unknown. */
  readonly missed: number | null;
  readonly more: boolean;
}

export type RefusalCode =
  | 'bad-frame'
  | 'bad-user'
  | 'empty'
  | 'gone'
  | 'too-long'
  | 'too-fast'
  | 'read-only'
  | 'unavailable';

export interface Refused {
  readonly type: 'refused';
  readonly code: RefusalCode;
  /** The type of the refused frame, `""` where it could not be read. */
  readonly of: string;
  readonly id?: string;
  readonly retryMs?: number;
}

export interface PeopleFrame {
  readonly type: 'people';
  readonly count: number;
  /** To be applied after `left`: someone who went and came back stands in both. */
  readonly joined?: readonly Person[];
  readonly left?: readonly Person[];
  readonly list?: readonly Person[];
}

export interface TypingFrame extends Person {
  readonly type: 'typing';
}

export type RelayFrame = Welcome | PageFrame | EntryFrame | Refused | PeopleFrame | TypingFrame | Ping;

/** Encodes any frame, of either side. */
export function encode(frame: ClientFrame | RelayFrame): string {
  return JSON.stringify(frame);
}
