/**
 * The wire between a relay and its clients, version 1: frame types, limits, close codes, parse and encode.
 * All that relay and web share, and it depends on nothing. PROTOCOL.md says what the frames mean.
 */

/** The one form of a ping, so that an edge can answer it by comparing text, without waking the room. */
export const PING = '{"type":"ping"}';

export const PROTOCOL_VERSION = 1;
/** UTF-16 units in one message. */
export const MAX_MESSAGE_LENGTH = 4096;
/** Bytes in one frame from a client; a larger one ends the line with {@link CLOSE_TOO_BIG}. */
export const MAX_FRAME_BYTES = 65_536;
/** Code points in a user's name. */
export const MAX_USER_LENGTH = 32;
/** Messages in one page, and bytes of their encoded frames. */
export const MAX_PAGE_MESSAGES = 200;
export const MAX_PAGE_BYTES = 256_000;
/** Messages in the first page of someone who has none. */
export const JOIN_MESSAGES = 50;
/** People named in a welcome; a room of more sends counts alone. */
export const MAX_PEOPLE_LISTED = 200;

export const CLOSE_TOO_BIG = 1009;
export const CLOSE_FAULT = 1011;
/** The reason holds the milliseconds over which to spread the return. */
export const CLOSE_RESTART = 1012;
/** The relay is full, or (reason {@link REASON_SLOW}) this client reads too slowly. */
export const CLOSE_BUSY = 1013;
export const CLOSE_GARBAGE = 4400;
export const CLOSE_UNAUTHORIZED = 4401;
export const CLOSE_FORBIDDEN = 4403;
export const CLOSE_SILENT = 4408;
export const CLOSE_CROWDED = 4429;

export const REASON_SLOW = 'slow';

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
export interface Say {
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

export type ClientFrame = Hello | Say | More | Rename | Ping | { readonly type: 'typing' };

export interface Welcome {
  readonly type: 'welcome';
  readonly v: number;
  readonly room: string;
  readonly you: string;
  readonly epoch: string;
  readonly limits: Limits;
  readonly people: { readonly count: number; readonly list: readonly Person[] };
}

/** Announces that `replay` messages from the log follow at once. */
export interface Page {
  readonly type: 'page';
  readonly replay: number;
  readonly head: number;
  /** Messages lost to this client before the page; `null` when nobody can tell how many. */
  readonly missed: number | null;
  readonly more: boolean;
}

/** A relay's `normal`: a message as the log holds it. `at` is in milliseconds since 1970, for showing only. */
export interface Message {
  readonly type: 'normal';
  readonly seq: number;
  readonly id: string;
  readonly from: string;
  readonly user: string;
  readonly message: string;
  readonly at: number;
}

export type RefusalCode = 'bad-frame' | 'bad-user' | 'empty' | 'too-long' | 'too-fast' | 'read-only' | 'unavailable';

export interface Refused {
  readonly type: 'refused';
  readonly code: RefusalCode;
  /** The type of the refused frame, `""` where it could not be read. */
  readonly of: string;
  readonly id?: string;
  readonly retryMs?: number;
}

export interface People {
  readonly type: 'people';
  readonly count: number;
  /** To be applied after `left`: someone who went and came back stands in both. */
  readonly joined?: readonly Person[];
  readonly left?: readonly Person[];
  readonly list?: readonly Person[];
}

export interface Typing extends Person {
  readonly type: 'typing';
}

export type RelayFrame = Welcome | Page | Message | Refused | People | Typing | Ping;

/** Encodes any frame, of either side. */
export function encode(frame: ClientFrame | RelayFrame): string {
  return JSON.stringify(frame);
}

/**
 * Reads a frame from a client of version 1. Never throws: what cannot be taken comes back as the refusal to send, and a
 * type that this version does not know as `undefined`, to be ignored.
 */
export function parseClientFrame(text: string): ClientFrame | Refused | undefined {
  const fields = parseFields(text);
  if (typeof fields?.type !== 'string') return refusal('bad-frame', '');
  switch (fields.type) {
    case 'normal':
      return readSay(fields, fields.id);
    case 'hello':
      return readHello(fields);
    case 'more':
      return isCount(fields.after) ? { type: 'more', after: fields.after } : refusal('bad-frame', 'more');
    case 'rename': {
      if (typeof fields.user !== 'string') return refusal('bad-frame', 'rename');
      const user = cleanUser(fields.user);
      return user === undefined ? refusal('bad-user', 'rename') : { type: 'rename', user };
    }
    case 'typing':
    case 'ping':
      return { type: fields.type };
    default:
      return undefined;
  }
}

/**
 * Reads a frame from one of the tutorial's clients, which send no `id`: `makeId` gives one where none stands that is
 * valid, and `user` is required. Never throws; `undefined` is a type to be ignored.
 */
export function parseTutorialFrame(text: string, makeId: () => string): Say | Ping | Refused | undefined {
  const fields = parseFields(text);
  if (typeof fields?.type !== 'string') return refusal('bad-frame', '');
  if (fields.type === 'ping') return { type: 'ping' };
  if (fields.type !== 'normal') return undefined;
  if (typeof fields.user !== 'string') return refusal('bad-user', 'normal');
  return readSay({ message: fields.message, user: fields.user }, isId(fields.id) ? fields.id : makeId());
}

/**
 * Reads a frame from a relay. Never throws; `undefined` is one that cannot be read or is not known, to be ignored.
 */
export function parseRelayFrame(text: string): RelayFrame | undefined {
  const fields = parseFields(text);
  return fields && isRelayFrame(fields) ? fields : undefined;
}

/**
 * A user's name as everyone will see it: trimmed, without control, line-breaking and bidirectional-override characters
 * (Unicode UAX #9, the explicit ones), lone surrogates replaced. `undefined` where nothing visible or more than
 * {@link MAX_USER_LENGTH} code points are left.
 */
export function cleanUser(user: string): string | undefined {
  const name = user
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '')
    .replace(/\p{Cs}/gu, '\ufffd')
    .trim();
  const visible = /[^\s\p{Default_Ignorable_Code_Point}]/u.test(name);
  return visible && [...name].length <= MAX_USER_LENGTH ? name : undefined;
}

/**
 * Whether this can name a room: 1 to 64 code points in NFC of letters, digits, `-`, `_`, `.` and the marks that belong
 * to letters (without which no word of Hindi or Thai could be written), but not `.` or `..`.
 */
export function isRoomName(name: string): boolean {
  return (
    /^[\p{L}\p{Nd}_.-][\p{L}\p{M}\p{Nd}_.-]{0,63}$/u.test(name) &&
    name !== '.' &&
    name !== '..' &&
    name.normalize('NFC') === name
  );
}

type Fields = Readonly<Record<string, unknown>>;

function parseFields(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isId(value: unknown): value is string {
  return isString(value) && /^[\w-]{1,64}$/.test(value);
}

function refusal(code: RefusalCode, of: string, id?: string): Refused {
  return id === undefined ? { type: 'refused', code, of } : { type: 'refused', code, of, id };
}

function readSay(fields: Fields, id: unknown): Say | Refused {
  if (!isId(id)) return refusal('bad-frame', 'normal');
  const { message, user, again } = fields;
  if (!isString(message)) return refusal('bad-frame', 'normal', id);
  if (again !== undefined && typeof again !== 'boolean') return refusal('bad-frame', 'normal', id);
  if (!/[^\s\p{White_Space}]/u.test(message)) return refusal('empty', 'normal', id);
  if (message.length > MAX_MESSAGE_LENGTH) return refusal('too-long', 'normal', id);
  const say: { -readonly [K in keyof Say]: Say[K] } = { type: 'normal', id, message: message.toWellFormed() };
  if (user !== undefined) {
    if (!isString(user)) return refusal('bad-frame', 'normal', id);
    const name = cleanUser(user);
    if (name === undefined) return refusal('bad-user', 'normal', id);
    say.user = name;
  }
  if (again) say.again = true;
  return say;
}

function readHello(fields: Fields): Hello | Refused {
  const { key, epoch, since, token } = fields;
  if (!isString(fields.user)) return refusal('bad-frame', 'hello');
  if (key !== undefined && !(isString(key) && /^[\w-]{16,128}$/.test(key))) return refusal('bad-frame', 'hello');
  if (token !== undefined && !isString(token)) return refusal('bad-frame', 'hello');
  if ((epoch === undefined) !== (since === undefined)) return refusal('bad-frame', 'hello');
  if (epoch !== undefined && !(isString(epoch) && epoch.length <= 64)) return refusal('bad-frame', 'hello');
  if (since !== undefined && !isCount(since)) return refusal('bad-frame', 'hello');
  const user = cleanUser(fields.user);
  if (user === undefined) return refusal('bad-user', 'hello');
  return {
    type: 'hello',
    user,
    ...(key !== undefined && { key }),
    ...(epoch !== undefined && since !== undefined && { epoch, since }),
    ...(token !== undefined && { token }),
  };
}

function isRelayFrame(fields: Fields): fields is Fields & RelayFrame {
  switch (fields.type) {
    case 'normal':
      return (
        isCount(fields.seq) &&
        isString(fields.id) &&
        isPerson(fields) &&
        isString(fields.message) &&
        typeof fields.at === 'number'
      );
    case 'page':
      return (
        isCount(fields.replay) &&
        isCount(fields.head) &&
        (fields.missed === null || isCount(fields.missed)) &&
        typeof fields.more === 'boolean'
      );
    case 'welcome': {
      const { limits, people } = fields;
      return (
        isString(fields.room) &&
        isString(fields.you) &&
        isString(fields.epoch) &&
        isFields(limits) &&
        ['message', 'frame', 'rate', 'burst', 'page', 'spread'].every(name => isCount(limits[name])) &&
        isFields(people) &&
        isCount(people.count) &&
        isPersonList(people.list)
      );
    }
    case 'refused':
      return isString(fields.code) && isString(fields.of);
    case 'people':
      return (
        isCount(fields.count) &&
        [fields.joined, fields.left, fields.list].every(list => list === undefined || isPersonList(list))
      );
    case 'typing':
      return isPerson(fields);
    default:
      return fields.type === 'ping';
  }
}

function isPerson(value: unknown): value is Person {
  return isFields(value) && isString(value.from) && isString(value.user);
}

function isPersonList(value: unknown): value is Person[] {
  return Array.isArray(value) && value.every(isPerson);
}
