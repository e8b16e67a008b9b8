/** Parses the frames that a relay sends. */

import { type Fields, isCount, isFields, isString, parseFields } from './fields.ts';
import type { Person, RelayFrame } from './frames.ts';

/**
 * Reads a frame from a relay. Never throws; `undefined` is one that cannot be read or is not known, to be ignored.
 */
export function parseRelayFrame(text: string): RelayFrame | undefined {
  const fields = parseFields(text);
  return fields && isRelayFrame(fields) ? fields : undefined;
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
