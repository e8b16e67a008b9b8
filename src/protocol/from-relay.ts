/** Parses the frames that a relay sends. */

import { type Fields, isCount, isFields, isString, isTime, parseFields } from './fields.ts';
import type { Person, RelayFrame } from './frames.ts';

/**
 * Parses a frame from a relay. Never throws. Returns an {@link UnknownEntry} for an entry that it cannot read, because
 * its `seq` counts, and `undefined` for any other frame that it cannot read, which must be ignored.
 */
export function parseRelayFrame(text: string): RelayFrame | undefined {
  const fields = parseFields(text);
  if (!fields) return undefined;
  if (isRelayFrame(fields)) return fields;
  return isSeq(fields.seq) ? { type: 'unknown', seq: fields.seq } : undefined;
}

function isRelayFrame(fields: Fields): fields is Fields & RelayFrame {
  switch (fields.type) {
    case 'normal':
      return (
        isSeq(fields.seq) &&
        isString(fields.id) &&
        isText(fields) &&
        (fields.edited === undefined || isTime(fields.edited)) &&
        (fields.rev === undefined || isSeq(fields.rev))
      );
    case 'edited':
      return isSeq(fields.seq) && isString(fields.id) && isSeq(fields.of) && isText(fields) && isTime(fields.edited);
    case 'erased':
      return (
        isSeq(fields.seq) &&
        isString(fields.id) &&
        isString(fields.from) &&
        (isSeq(fields.of) || (Array.isArray(fields.of) && fields.of.every(isSeq))) &&
        isTime(fields.at) &&
        isString(fields.by)
      );
    case 'gone':
      return isSeq(fields.seq);
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

/** Checks the fields that `normal` and `edited` share. */
function isText(fields: Fields): boolean {
  return isPerson(fields) && isString(fields.message) && isTime(fields.at);
}

/** Whether this is the place of an entry. Places start at 1. */
function isSeq(value: unknown): value is number {
  return isCount(value) && value > 0;
}

function isPerson(value: unknown): value is Person {
  return isFields(value) && isString(value.from) && isString(value.user);
}

function isPersonList(value: unknown): value is Person[] {
  return Array.isArray(value) && value.every(isPerson);
}
