/**
 * A dialect is how one kind of client talks to a room. Every difference between kinds of clients is defined here; the
 * rest of the relay reads the properties of a reader's dialect, never its name.
 */
import type { ClientFrame, Refused } from '../../protocol/frames.ts';
import { parseClientFrame, parseTutorialFrame } from '../../protocol/from-client.ts';
import { randomId } from '../access/identity.ts';
import { BINARY, type Opcode, TEXT } from './batch.ts';

export interface Dialect {
  readonly name: DialectName;
  /** The opcode of every frame sent. */
  readonly opcode: Opcode;
  /** Whether binary frames are read as text; otherwise each is a bad frame. */
  readonly takesBinary: boolean;
  /** Whether a client sends a hello first and gets a welcome and pages; otherwise it is live at once. */
  readonly greets: boolean;
  /** Whether a client is sent people, typing and refused frames. */
  readonly announces: boolean;
  /** Whether a client is sent entries of every type; otherwise only messages. */
  readonly takesAllEntries: boolean;
  /** Whether a client that reads too slowly falls behind and catches up; otherwise its connection is closed. */
  readonly catchesUp: boolean;
  /** The most connections per address in this dialect. */
  readonly maxPerAddress: number;
  /** How long the rejection of one more connection is delayed (ms), for clients that dial again at once. */
  readonly rejectionDelayMs: number;
  /** Parses a frame. Never throws: returns the refusal to send if it is bad, and `undefined` for a type to ignore. */
  parse(text: string): ClientFrame | Refused | undefined;
}

export type DialectName = 'v1' | 'tutorial';

/** Clients of version 1 of the protocol. */
const V1: Dialect = {
  name: 'v1',
  opcode: TEXT,
  takesBinary: false,
  greets: true,
  announces: true,
  takesAllEntries: true,
  catchesUp: true,
  maxPerAddress: Number.POSITIVE_INFINITY,
  rejectionDelayMs: 0,
  parse: parseClientFrame,
};

/**
 * The tutorial's own client. It reconnects on `error` and again on `close`, so each failure doubles its sockets: hence
 * its own bound per address, and a delay before a rejection.
 */
const TUTORIAL: Dialect = {
  name: 'tutorial',
  opcode: BINARY,
  takesBinary: true,
  greets: false,
  announces: false,
  takesAllEntries: false,
  catchesUp: false,
  maxPerAddress: 8,
  rejectionDelayMs: 5000,
  parse: text => parseTutorialFrame(text, randomId),
};

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = { v1: V1, tutorial: TUTORIAL };

export function isDialectName(name: string): name is DialectName {
  return Object.hasOwn(DIALECTS, name);
}
