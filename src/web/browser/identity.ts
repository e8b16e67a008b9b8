/** Who someone is in this browser, relay by relay: the secret key, the names used last, and the one of this tab. */
import { cleanUser } from '../../protocol/names.ts';
import { randomId } from '../client/random-id.ts';
import { local, readStorage, session, writeStorage } from './storage.ts';

export interface Identity {
  readonly key: string;
  readonly user: string;
  /** The names used last, the newest first. */
  names(): readonly string[];
  /** Keeps `user` as the name used last. */
  remember(user: string): void;
}

const MAX_NAMES = 5;

/** The identity stored for a relay, or a new one. `guest` is what a stranger is called, `wanted` a name to bear instead. */
export function loadIdentity(relay: string, guest: string, wanted: string | null): Identity {
  const keyPlace = `heartline-key:${relay}`;
  const namesPlace = `heartline-names:${relay}`;
  let key = readStorage(local, keyPlace);
  if (!/^[\w-]{16,128}$/.test(key)) {
    key = randomId();
    writeStorage(local, keyPlace, key);
  }
  let names = readNames(readStorage(local, namesPlace));
  const remember = (user: string) => {
    names = [user, ...names.filter(name => name !== user)].slice(0, MAX_NAMES);
    writeStorage(local, namesPlace, JSON.stringify(names));
    writeStorage(session, namesPlace, user);
  };
  const user =
    cleanUser(wanted ?? '') ?? cleanUser(readStorage(session, namesPlace)) ?? names[0] ?? `${guest}${fourDigits()}`;
  if (!wanted) remember(user);
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
