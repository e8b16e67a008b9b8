/** The identity of this browser's user for each relay: a secret key, the names used last, and the name of this tab. */
import { cleanUser } from '../../protocol/names.ts';
import { randomId } from '../client/random-id.ts';
import { local, readStorage, session, writeStorage } from './storage.ts';

export interface Identity {
  readonly key: string;
  readonly user: string;
  /** The names used last, the newest first. */
  names(): readonly string[];
  /** Stores `user` as the newest name, in this browser and for this tab. */
  remember(user: string): void;
}

const MAX_NAMES = 5;

/**
 * The identity stored for the relay, or a new one. `wanted` is a name that takes precedence and is not stored; `guest`
 * makes a name from a four-digit number for someone who has none yet.
 */
export function loadIdentity(relay: string, guest: (number: number) => string, wanted: string | null): Identity {
  const keyItem = `heartline-key:${relay}`;
  const namesItem = `heartline-names:${relay}`;
  let key = readStorage(local, keyItem);
  if (!/^[\w-]{16,128}$/.test(key)) {
    key = randomId();
    writeStorage(local, keyItem, key);
  }
  let names = readNames(readStorage(local, namesItem));
  const remember = (user: string) => {
    names = [user, ...names.filter(name => name !== user)].slice(0, MAX_NAMES);
    writeStorage(local, namesItem, JSON.stringify(names));
    writeStorage(session, namesItem, user);
  };
  const given = cleanUser(wanted ?? '');
  const user = given ?? cleanUser(readStorage(session, namesItem)) ?? names[0] ?? guest(fourDigits());
  if (!given) remember(user);
  return { key, user, names: () => names, remember };
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
