/**
 * The operator's fence: which rooms may exist, and which networks and public ids are blocked in all rooms. It is a text
 * with one rule in each line:
 *
 *     # Everything after a number sign at the beginning of a line, and every empty line, is ignored.
 *     room lobby
 *     room class-*
 *     network 203.0.113.0/24
 *     id Zk3vQ0cXq2m8wYh1bT5dNg
 *
 * Without a line for a room, all rooms may exist.
 */
import { isRoomName } from '../../protocol/names.ts';
import { type Network, parseNetwork } from './address.ts';
import { NetworkSet } from './network-set.ts';

export interface FenceRules {
  /** The rooms that may exist: those names, and the names with one of those beginnings; `undefined` allows all. */
  readonly rooms: { readonly names: ReadonlySet<string>; readonly prefixes: ReadonlySet<string> } | undefined;
  readonly networks: NetworkSet;
  readonly ids: ReadonlySet<string>;
  /** How many lines are rules. */
  readonly count: number;
}

/** Says in a few words what is wrong with a text, and in which line. */
export class FenceError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

export const NO_FENCE: FenceRules = { rooms: undefined, networks: new NetworkSet(), ids: new Set(), count: 0 };

/** The most that a text may have, so that asking the fence stays cheap. */
export const MAX_FENCE_LENGTH = 1_048_576;
export const MAX_FENCE_RULES = 10_000;

/** Parses a fence. Returns an error for the first line that is not a rule. */
export function parseFence(text: string): FenceRules | FenceError {
  if (text.length > MAX_FENCE_LENGTH) return new FenceError(`it has more than ${MAX_FENCE_LENGTH} characters`);
  const rules = {
    names: new Set<string>(),
    prefixes: new Set<string>(),
    networks: [] as Network[],
    ids: new Set<string>(),
  };
  let count = 0;
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n?|\n/)
    .entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    count += 1;
    if (count > MAX_FENCE_RULES) return new FenceError(`line ${index + 1} is one rule more than ${MAX_FENCE_RULES}`);
    const wrong = addRule(rules, trimmed);
    if (wrong !== undefined) return new FenceError(`line ${index + 1} ${wrong}`);
  }
  const { names, prefixes, networks, ids } = rules;
  const isOpen = names.size + prefixes.size === 0;
  return { rooms: isOpen ? undefined : { names, prefixes }, networks: new NetworkSet(networks), ids, count };
}

interface GrowingRules {
  readonly names: Set<string>;
  readonly prefixes: Set<string>;
  readonly networks: Network[];
  readonly ids: Set<string>;
}

/** Returns what is wrong with a line; `undefined` if it is a rule. */
function addRule({ names, prefixes, networks, ids }: GrowingRules, line: string): string | undefined {
  const [, kind = '', value = ''] = /^(\S+)\s+(\S+)$/.exec(line) ?? [];
  if (kind === 'room') {
    const name = value.normalize('NFC');
    if (name.endsWith('*')) {
      const prefix = name.slice(0, -1);
      if (prefix !== '' && !isRoomName(`${prefix}x`)) return 'has a beginning that no room can have';
      prefixes.add(prefix);
    } else {
      if (!isRoomName(name)) return 'has a name that no room can have';
      names.add(name);
    }
    return undefined;
  }
  if (kind === 'network') {
    const network = parseNetwork(value);
    if (!network) return 'has no network such as 203.0.113.0/24 or 2001:db8::/32';
    networks.push(network);
    return undefined;
  }
  if (kind === 'id') {
    if (!/^[\w-]{22}$/.test(value)) return 'has no public id, which has 22 letters and digits';
    ids.add(value);
    return undefined;
  }
  return 'is not of the form "room NAME", "room BEGINNING*", "network ADDRESS/BITS" or "id PUBLIC-ID"';
}

/** The rules that hold now. */
export class Fence {
  #rules: FenceRules;

  constructor(rules: FenceRules = NO_FENCE) {
    this.#rules = rules;
  }

  replace(rules: FenceRules): void {
    this.#rules = rules;
  }

  /** Whether someone at `address` may be in `room`, under the public id `from` if it is known. */
  allows(address: string, room: string, from?: string): boolean {
    const { networks, ids } = this.#rules;
    return this.#mayExist(room) && !networks.has(address) && !(from !== undefined && ids.has(from));
  }

  #mayExist(room: string): boolean {
    const { rooms } = this.#rules;
    if (!rooms || rooms.names.has(room)) return true;
    if (rooms.prefixes.size === 0) return false;
    for (let length = 0; length <= room.length; length++) if (rooms.prefixes.has(room.slice(0, length))) return true;
    return false;
  }
}
