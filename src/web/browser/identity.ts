/**
 * The identity of this tab's user for each relay: a secret key and the names used last. A tab is the browser's person;
 * but one without a given name is another person if a tab that is open in the same room is that one (lazy/tabs.ts).
 */
import { cleanUser } from '../../protocol/names.ts';
import { randomId } from '../client/random-id.ts';
import { local, readStorage, session, writeStorage } from './storage.ts';

export interface Identity {
  readonly key: string;
  readonly user: string;
  /** Whether lazy/tabs.ts must decide first which person this tab is. */
  readonly undecided: boolean;
  /** The names used last, the newest first. */
  names(): readonly string[];
  /** Stores `user` as the newest name, in this browser and for this tab. */
  remember(user: string): void;
  /** Makes this tab the person with this key, which is not the browser's. */
  become(key: string): void;
}

const MAX_NAMES = 5;

/** Tells this page from the browser's other pages. */
export const page = randomId();

/**
 * The identity stored for the relay, or a new one. `room` is the address of the room. `wanted` is a name that takes precedence and is not stored; `guest`
 * makes a name from a four-digit number for someone who has none yet.
 */
export function loadIdentity(
  relay: string,
  room: string,
  guest: (number: number) => string,
  wanted: string | null,
): Identity {
  const keyItem = `heartline-key:${relay}`;
  const namesItem = `heartline-names:${relay}`;
  let key = readStorage(local, keyItem);
  if (!/^[\w-]{16,128}$/.test(key)) {
    key = randomId();
    writeStorage(local, keyItem, key);
  }
  let names = readNames(readStorage(local, namesItem));
  let isOther = readStorage(session, `heartline-person:${relay}`) !== '';
  const remember = (user: string) => {
    const rest = names.filter(name => name !== user);
    // The first name stays that of the browser's person.
    names = [...rest.splice(0, isOther ? 1 : 0), user, ...rest].slice(0, MAX_NAMES);
    writeStorage(local, namesItem, JSON.stringify(names));
    writeStorage(session, namesItem, user);
  };
  const given = cleanUser(wanted ?? '');
  const user = given ?? cleanUser(readStorage(session, namesItem)) ?? names[0] ?? guest(fourDigits());
  if (!given && !isOther) remember(user);
  return {
    get key() {
      return key;
    },
    user,
    undecided: !given && (isOther || !['', page].includes(readStorage(local, `heartline-holder:${room}`))),
    names: () => names,
    remember,
    become(other) {
      key = other;
      isOther = true;
    },
  };
}

function readNames(stored: string): string[] {
  try {
    const names: unknown = JSON.parse(stored);
    if (Array.isArray(names)) return names.filter(name => cleanUser(String(name)) === name);
  } catch {}
  return [];
}

function fourDigits(): number {
  return Math.floor(1000 + Math.random() * 9000);
}
