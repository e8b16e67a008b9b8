/**
 * A dialect is how one kind of client talks to a room. Everything that differs between kinds of clients is said here once;
 * the rest of the relay asks the dialect of a reader and never its name.
 */
import type { ClientFrame, Refused } from '../../protocol/frames.ts';
import { parseClientFrame, parseTutorialFrame } from '../../protocol/from-client.ts';
import { randomId } from '../access/identity.ts';
import { BINARY, type Opcode, TEXT } from './batch.ts';

export interface Dialect {
  readonly name: DialectName;
  /** The opcode of every frame that is sent. */
  readonly opcode: Opcode;
  /** Whether binary frames are taken as text; otherwise each is a bad frame. */
  readonly takesBinary: boolean;
  /** Whether a client says hello first and is answered with a welcome and pages; otherwise it is live at once. */
  readonly greets: boolean;
  /** Whether a client is told of people, of typing and of frames that were refused. */
  readonly announces: boolean;
  /** Whether a client is sent entries of every type; otherwise messages alone. */
  readonly takesAllEntries: boolean;
  /** Whether a client that reads too slowly falls behind and is caught up; otherwise it is closed. */
  readonly catchesUp: boolean;
  /** Connections that one address may have in this dialect. */
  readonly maxPerAddress: number;
  /** How long the rejection of one more connection is delayed (ms), for clients that dial again at once. */
  readonly rejectionDelayMs: number;
  /** Parses a frame. Never throws: the refusal to send comes back as such, and a type to ignore as `undefined`. */
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
 * The tutorial's own client. It dials again on `error` and on `close`, so each failure doubles its sockets: hence a bound
 * per address of its own, and a delay before a rejection.
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
