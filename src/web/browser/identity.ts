/**
 * The identity of this tab's user for each relay: a secret key and a name. A tab is the browser's person; but one without
 * a given name is another person if a tab that is open in the same room is that one (lazy/tabs.ts).
 */
import { cleanUser } from '../../protocol/names.ts';
import { randomId } from '../client/random-id.ts';
import { local, session } from './storage.ts';

export interface Identity {
  /** Changes before the tab connects, if it becomes another person. */
  key: string;
  readonly user: string;
  /** Whether lazy/tabs.ts must decide first which person this tab is. */
  readonly undecided: boolean;
}

/** Tells this page from the browser's other pages. */
export const page = randomId();

/**
 * The identity stored for the relay, or a new one. `room` is the address of the room. `wanted` is a name that takes
 * precedence and is not stored; `guest` makes a name from a four-digit number for someone who has none yet.
 */
export function loadIdentity(
  relay: string,
  room: string,
  guest: (number: number) => string,
  wanted: string | null,
): Identity {
  const keyItem = `heartline-key:${relay}`;
  // In the browser the names used last, and in the tab its own: see lazy/rename-dialog.ts.
  const namesItem = `heartline-names:${relay}`;
  let key = local.getItem(keyItem);
  if (!/^[\w-]{16,128}$/.test(key)) {
    key = randomId();
    local.setItem(keyItem, key);
  }
  const given = cleanUser(wanted ?? '');
  const undecided =
    !given &&
    (session.getItem(`heartline-person:${relay}`) !== '' ||
      !['', page].includes(local.getItem(`heartline-holder:${room}`)));
  let user = given ?? cleanUser(session.getItem(namesItem)) ?? lastName(local.getItem(namesItem));
  if (user === undefined) {
    user = guest(Math.floor(1000 + Math.random() * 9000));
    local.setItem(namesItem, JSON.stringify([user]));
  }
  if (!given) session.setItem(namesItem, user);
  return { key, user, undecided };
}

function lastName(stored: string): string | undefined {
  try {
    const names: readonly unknown[] = JSON.parse(stored);
    return names.find((name): name is string => cleanUser(`${name}`) === name);
  } catch {
    return undefined;
  }
}
