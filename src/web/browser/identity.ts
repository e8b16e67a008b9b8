/** Who someone is in this browser, relay by relay: the secret key, the names used last, and the one of this tab. */
import { cleanUser } from '../../protocol/names.ts';
import { randomId } from '../client/random-id.ts';
import { local, readKept, session, writeKept } from './storage.ts';

export interface Identity {
  readonly key: string;
  readonly user: string;
  /** The names used last, the newest first. */
  names(): readonly string[];
  /** Keeps `user` as the name used last. */
  remember(user: string): void;
}

const MAX_NAMES = 5;

/** The identity kept for a relay, or a new one. `guest` is what a stranger is called, `wanted` a name to bear instead. */
export function loadIdentity(relay: string, guest: string, wanted: string | null): Identity {
  const keyPlace = `heartline-key:${relay}`;
  const namesPlace = `heartline-names:${relay}`;
  let key = readKept(local, keyPlace);
  if (!/^[\w-]{16,128}$/.test(key)) {
    key = randomId();
    writeKept(local, keyPlace, key);
  }
  let names = readNames(readKept(local, namesPlace));
  const remember = (user: string) => {
    names = [user, ...names.filter(name => name !== user)].slice(0, MAX_NAMES);
    writeKept(local, namesPlace, JSON.stringify(names));
    writeKept(session, namesPlace, user);
  };
  const user =
    cleanUser(wanted ?? '') ?? cleanUser(readKept(session, namesPlace)) ?? names[0] ?? `${guest}${fourDigits()}`;
  if (!wanted) remember(user);
  return { key, user, names: () => names, remember };
}

function readNames(kept: string): string[] {
  try {
    const names: unknown = JSON.parse(kept);
    if (Array.isArray(names)) return names.filter(name => cleanUser(String(name)) === name);
  } catch {}
  return [];
}

function fourDigits(): number {
  return Math.floor(1000 + Math.random() * 9000);
}
