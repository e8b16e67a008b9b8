/** Parses the frames that clients send. */

import { type Fields, isCount, isId, isString, parseFields } from './fields.ts';
import type { ClientFrame, Hello, Normal, Ping, RefusalCode, Refused } from './frames.ts';
import { isCostly } from './json-cost.ts';
import { MAX_RAW_USER_LENGTH } from './limits.ts';
import { isTooLong } from './message-length.ts';
import { acceptUser } from './names.ts';
import { isVisible, trimPiledMarks } from './visible.ts';

/**
 * Parses a frame from a client of version 1. Never throws. Returns the refusal to send if the frame is invalid, and
 * `undefined` if its type is unknown and it must be ignored.
 */
export function parseClientFrame(text: string): ClientFrame | Refused | undefined {
  return readCommon(text) ?? readAny(text);
}

/**
 * A message as most clients send it: these fields in this order, and a text of printable ASCII without anything that JSON
 * would escape, that begins with something to see. Nothing in it has to be refused, trimmed or made well-formed.
 */
const COMMON = /^\{"type":"normal","id":"([\w-]{1,64})","message":"([!#-[\]-~][ !#-[\]-~]{0,999})"\}$/;

/** Reads a common message in a third of the time that parsing JSON takes; `undefined` if it is not one. */
function readCommon(text: string): Normal | undefined {
  const found = COMMON.exec(text);
  const [, id, message] = found ?? [];
  return id === undefined || message === undefined ? undefined : { type: 'normal', id, message };
}

function readAny(text: string): ClientFrame | Refused | undefined {
  const fields = readFields(text);
  if (typeof fields?.type !== 'string') return refusal('bad-frame', '');
  switch (fields.type) {
    case 'normal':
      return readNormal(fields, fields.id);
    case 'hello':
      return readHello(fields);
    case 'more':
      return isCount(fields.after) ? { type: 'more', after: fields.after } : refusal('bad-frame', 'more');
    case 'rename': {
      if (typeof fields.user !== 'string') return refusal('bad-frame', 'rename');
      const user = readUser(fields.user);
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
 * Parses a frame from a tutorial client. These clients send no `id`, so `makeId` makes one unless the frame has a valid
 * one, and `user` is required. Never throws. Returns `undefined` if the type is unknown and must be ignored.
 */
export function parseTutorialFrame(text: string, makeId: () => string): Normal | Ping | Refused | undefined {
  const fields = readFields(text);
  if (typeof fields?.type !== 'string') return refusal('bad-frame', '');
  if (fields.type === 'ping') return { type: 'ping' };
  if (fields.type !== 'normal') return undefined;
  if (typeof fields.user !== 'string') return refusal('bad-user', 'normal');
  return readNormal({ message: fields.message, user: fields.user }, isId(fields.id) ? fields.id : makeId());
}

function readFields(text: string): Fields | undefined {
  return isCostly(text) ? undefined : parseFields(text);
}

/** A longer name is not looked at, because that takes long. */
function readUser(user: string): string | undefined {
  return user.length > MAX_RAW_USER_LENGTH ? undefined : acceptUser(user);
}

function refusal(code: RefusalCode, of: string, id?: string): Refused {
  return id === undefined ? { type: 'refused', code, of } : { type: 'refused', code, of, id };
}

function readNormal(fields: Fields, id: unknown): Normal | Refused {
  if (!isId(id)) return refusal('bad-frame', 'normal');
  const { message, user, again } = fields;
  if (!isString(message)) return refusal('bad-frame', 'normal', id);
  if (again !== undefined && typeof again !== 'boolean') return refusal('bad-frame', 'normal', id);
  if (isTooLong(message)) return refusal('too-long', 'normal', id);
  if (!isVisible(message)) return refusal('empty', 'normal', id);
  const cleaned = trimPiledMarks(message.toWellFormed());
  const normal: { -readonly [K in keyof Normal]: Normal[K] } = { type: 'normal', id, message: cleaned };
  if (user !== undefined) {
    if (!isString(user)) return refusal('bad-frame', 'normal', id);
    const name = readUser(user);
    if (name === undefined) return refusal('bad-user', 'normal', id);
    normal.user = name;
  }
  if (again) normal.again = true;
  return normal;
}

function readHello(fields: Fields): Hello | Refused {
  const { key, epoch, since, token } = fields;
  if (!isString(fields.user)) return refusal('bad-frame', 'hello');
  if (key !== undefined && !(isString(key) && /^[\w-]{16,128}$/.test(key))) return refusal('bad-frame', 'hello');
  if (token !== undefined && !isString(token)) return refusal('bad-frame', 'hello');
  if ((epoch === undefined) !== (since === undefined)) return refusal('bad-frame', 'hello');
  if (epoch !== undefined && !(isString(epoch) && epoch.length <= 64)) return refusal('bad-frame', 'hello');
  if (since !== undefined && !isCount(since)) return refusal('bad-frame', 'hello');
  const user = readUser(fields.user);
  if (user === undefined) return refusal('bad-user', 'hello');
  return {
    type: 'hello',
    user,
    ...(key !== undefined && { key }),
    ...(epoch !== undefined && since !== undefined && { epoch, since }),
    ...(token !== undefined && { token }),
  };
}
