/**
 * The frames between a relay and its clients, version 1: their types and their encoding. PROTOCOL.md says what they
 * mean. This folder is the only code that the relay and the page share, and it imports nothing.
 */
import type { EntryFrame } from './entries.ts';

/** The only form of a ping. Workers can thus answer it by comparing text, without waking the room. */
export const PING = '{"type":"ping"}';

export const PROTOCOL_VERSION = 1;

/** The relay's limits that a client must know. A `rate` of 0 means no limit; `spread` is in milliseconds. */
export interface Limits {
  readonly message: number;
  readonly frame: number;
  readonly rate: number;
  readonly burst: number;
  readonly page: number;
  readonly spread: number;
}

/** A person under one name. Two connections with the same `from` and `user` are the same person. */
export interface Person {
  readonly from: string;
  readonly user: string;
}

export interface Hello {
  readonly type: 'hello';
  readonly user: string;
  readonly key?: string;
  /** The log, and in `since` the place of the last entry that the client has; both or neither are given. */
  readonly epoch?: string;
  readonly since?: number;
  readonly token?: string | undefined;
}

/** A message to be stored and then delivered to everyone, including its sender. */
export interface Normal {
  readonly type: 'normal';
  readonly id: string;
  readonly message: string;
  readonly user?: string;
  /** True on every retry: each time an id is sent, except the first. */
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

/** Announces a page: the next `replay` entries come from the log. */
export interface PageFrame {
  readonly type: 'page';
  readonly replay: number;
  readonly head: number;
  /** Entries before the page that this client never received and the log no longer holds; `null` if unknown. */
  readonly missed: number | null;
  readonly more: boolean;
}

export type RefusalCode =
  | 'bad-frame'
  | 'bad-user'
  | 'empty'
  | 'full'
  | 'gone'
  | 'too-long'
  | 'too-fast'
  | 'read-only'
  | 'unavailable';

export interface Refused {
  readonly type: 'refused';
  readonly code: RefusalCode;
  /** The type of the refused frame; `""` if it could not be read. */
  readonly of: string;
  readonly id?: string;
  readonly retryMs?: number;
}

export interface PeopleFrame {
  readonly type: 'people';
  readonly count: number;
  /** To be applied after `left`: a person who left and came back is in both. */
  readonly joined?: readonly Person[];
  readonly left?: readonly Person[];
  readonly list?: readonly Person[];
}

export interface TypingFrame extends Person {
  readonly type: 'typing';
}

export type RelayFrame = Welcome | PageFrame | EntryFrame | Refused | PeopleFrame | TypingFrame | Ping;

/** Encodes a frame of a client or of a relay. */
export function encode(frame: ClientFrame | RelayFrame): string {
  return JSON.stringify(frame);
}
