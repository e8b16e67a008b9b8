/**
 * What the tabs of one browser need of each other: which person each of them is, and what was left unsent in pages that
 * are gone. A chunk: it imports only types, and receives everything else.
 *
 * What a conversation has not sent is stored under a slot: a random name that only this conversation writes to. When it
 * is closed, the next one on its page has it, and when its page is left, the next one in its tab: `sessionStorage` has
 * the slot only between two pages, so a duplicated tab does not get it. Everything else is adopted when its page is gone.
 *
 * To find that out, a page asks over a `BroadcastChannel` and waits for {@link WAIT_MS}. Every page answers, also one
 * that is asking; of several that ask at once, the one that began first goes first. Without a `BroadcastChannel` nobody
 * answers: then a page adopts what an open one has stored, which still has it in memory. Both are the same person then,
 * so the relay stores no message twice. A page that could not answer in time may be another person: see {@link doubt}.
 */
import type { Identity } from '../browser/identity.ts';
import type { KeptStorage } from '../browser/storage.ts';
import type { Client, Outgoing } from '../client/client.ts';
import type { randomId } from '../client/random-id.ts';
import type { Composer } from '../compose/composer.ts';
import type { Words } from '../i18n/languages.ts';
import type { MessageList } from '../messages/message-list.ts';

export interface TabsContext {
  readonly relay: string;
  /** The room's address, `wss://…`. */
  readonly url: string;
  /** Tells this page from the browser's other pages. */
  readonly page: string;
  readonly slot: string;
  /** The slots of conversations on this page that were disposed of. Those with nothing in them are removed. */
  readonly closed: string[];
  readonly words: Pick<Words, 'guest'>;
  /** The client reads the key from it when it connects. */
  readonly identity: Pick<Identity, 'undecided' | 'key' | 'user'>;
  readonly client: Pick<Client, 'load' | 'rename' | 'outgoing' | 'user' | 'you'>;
  readonly composer: Pick<Composer, 'element'>;
  readonly local: KeptStorage;
  readonly session: KeptStorage;
  readonly list: Pick<MessageList, 'show'>;

  readonly randomId: typeof randomId;
}

export interface Tabs {
  /** Resolves once it is decided which person this tab is. */
  readonly decided: Promise<void>;
  /** Leaves no timer, listener or channel behind. */
  dispose(): void;
}

/** What a page says of itself to the others. */
interface Note {
  readonly heartline: 1;
  readonly page: string;
  readonly url: string;
  readonly slot: string;
  /** Whether it wants an answer. */
  readonly asks: boolean;
  /** While it is asking, when it began: a time and the slot. */
  readonly since: string | undefined;
  /** Whether it is the browser's person; while it is `contested`, it will be if no other page is. */
  readonly first: boolean;
  readonly contested: boolean;
}

const WAIT_MS = 100;
/** As in client/outbox.ts. */
const MAX_MESSAGES = 200;
const MAX_LENGTH = 65_536;
/** How many items may wait for adoption, in how many UTF-16 units: of all rooms together, however old they are. */
const MAX_LEFT = 50;
const MAX_LEFT_LENGTH = 1_048_576;

/** The keys of this page where they are not the browser's, by relay. */
const others = new Map<string, string>();
/** The conversations of this page that have such a key. The last one of a relay leaves it when it is closed. */
const having = new Set<TabsContext>();

export default function mount(context: TabsContext): Tabs {
  const { relay, url, page, slot, closed, identity, local, session } = context;
  const holder = `heartline-holder:${url}`;
  const person = `heartline-person:${relay}`;
  const slots = `heartline-slots:${url}`;
  const began = `${Date.now()} ${slot}`;
  const stop = new AbortController();
  const notes = new Map<string, Note>();
  let channel: BroadcastChannel | undefined;
  let asking = true;

  const left = session.getItem(person);
  const key = others.get(relay) ?? (/^[\w-]{16,128}$/.test(left) ? left : undefined);
  let isOther = identity.undecided && key !== undefined;
  const become = (key: string) => {
    isOther = true;
    others.set(relay, key);
    having.add(context);
    identity.key = key;
  };
  if (isOther && key !== undefined) become(key);
  else hold();
  const isContested = identity.undecided && !isOther && local.getItem(holder) !== page;

  /** Says that this page is the browser's person in this room, unless another page says so. */
  function hold() {
    if (local.getItem(holder) === '') local.setItem(holder, page);
  }
  const say = (asks: boolean) => {
    const contested = isContested && asking;
    const first = contested || (local.getItem(holder) === page && !isOther);
    const since = asking ? began : undefined;
    const note: Note = { heartline: 1, page, url, slot, asks, since, first, contested };
    channel?.postMessage(note);
  };
  /** Leaves the key to the next page of this tab, or takes it back. */
  const leaveKey = (leaving: boolean) => {
    const other = others.get(relay);
    if (isOther && other !== undefined) session.setItem(person, leaving ? other : '');
  };
  const leaveSlot = (leaving: boolean) => {
    const ids = session
      .getItem(slots)
      .split(' ')
      .filter(id => id && id !== slot);
    if (leaving) ids.push(slot);
    session.setItem(slots, ids.join(' '));
  };
  const listen = (event: string, run: () => void) =>
    addEventListener(event, run, { capture: true, signal: stop.signal });
  const join = () => {
    channel?.close();
    if (typeof BroadcastChannel === 'undefined') return;
    channel = new BroadcastChannel('heartline');
    channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!isNote(data)) return;
      if (data.asks) {
        say(false);
        // It may have asked long ago.
        doubt(context);
      }
      if (asking) notes.set(data.slot, data);
    };
  };
  join();
  // A hidden page may be discarded without any further event.
  listen('visibilitychange', () => {
    leaveKey(document.hidden);
    if (!document.hidden) doubt(context);
  });
  listen('pagehide', () => {
    leaveKey(true);
    leaveSlot(true);
    if (local.getItem(holder) === page) local.removeItem(holder);
    // Some browsers keep no page with an open channel in the back/forward cache.
    channel?.close();
    channel = undefined;
  });
  // The page was frozen, and could not answer.
  listen('resume', () => doubt(context));
  listen('pageshow', () => {
    join();
    doubt(context);
    leaveKey(false);
    leaveSlot(false);
    if (!isOther) hold();
  });
  leaveKey(false);

  const before = closed.find(id => isUsed(context, id)) ?? session.getItem(slots).split(' ')[0];
  if (before) {
    session.setItem(slots, session.getItem(slots).replace(before, '').trim());
    adopt(context, [before]);
    forget(closed, before);
  }

  const decide = () => {
    asking = false;
    const elsewhere = [...notes.values()].filter(note => note.url === url && note.page !== page);
    if (isContested) {
      const isTaken = elsewhere.some(({ first, contested, since = '' }) => first && (!contested || since < began));
      if (isTaken) begin();
      else local.setItem(holder, page);
    }
    forgetHolders(context, new Set([page, ...[...notes.values()].map(note => note.page)]));
    // Another page of this room that has begun before adopts.
    if (elsewhere.some(({ since }) => since !== undefined && since < began)) return;
    adopt(context, leftSlots(context, new Set([slot, ...notes.keys()])));
  };
  /** Becomes another person, under the name that it was given meanwhile, if it was. */
  const begin = () => {
    const { client } = context;
    const names = `heartline-names:${relay}`;
    const guest = context.words.guest(Math.floor(1000 + Math.random() * 9000));
    become(context.randomId());
    if (client.user === identity.user) client.rename(guest);
    // The user has chosen a name that is stored.
    if (session.getItem(names) !== client.user) session.setItem(names, guest);
    const isEarly = ({ sentAs, user }: Outgoing) => sentAs === undefined && user === identity.user;
    if (!client.outgoing.some(isEarly)) return;
    replace(
      context,
      client.outgoing.map(item => (isEarly(item) ? { ...item, user: client.user } : item)),
    );
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const asked = new Promise<void>(resolve => {
    timer = setTimeout(
      () => {
        decide();
        resolve();
      },
      channel ? WAIT_MS : 0,
    );
  });
  say(true);
  return {
    decided: isContested ? asked : Promise.resolve(),
    dispose() {
      clearTimeout(timer);
      stop.abort();
      channel?.close();
      having.delete(context);
      if (![...having].some(other => other.relay === relay)) leaveKey(true);
      if (!isUsed(context, slot)) forget(closed, slot);
    },
  };
}

function isNote(data: unknown): data is Note {
  return typeof data === 'object' && data !== null && 'heartline' in data && data.heartline === 1;
}

function forget(slots: string[], slot: string): void {
  const index = slots.indexOf(slot);
  if (index >= 0) slots.splice(index, 1);
}

const outboxOf = ({ url }: TabsContext, slot: string) => `heartline-outbox:${url}:${slot}`;
const draftOf = ({ url }: TabsContext, slot: string) => `heartline-draft:${url}:${slot}`;

/** Whether something is stored under a slot for this room. */
function isUsed(context: TabsContext, slot: string): boolean {
  const { local } = context;
  return local.getItem(outboxOf(context, slot)) !== '' || local.getItem(draftOf(context, slot)) !== '';
}

/** The names in the browser's permanent storage. */
function storedNames(): string[] {
  try {
    return Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? '');
  } catch {
    return [];
  }
}

/** Forgets of pages that are gone that they were the browser's person. */
function forgetHolders({ local }: TabsContext, pages: ReadonlySet<string>): void {
  for (const name of storedNames()) {
    if (name.startsWith('heartline-holder:') && !pages.has(local.getItem(name))) local.removeItem(name);
  }
}

/**
 * The slots of this room that pages have left which are gone: those with the newest draft first. In all rooms, what is
 * beyond the bounds or cannot be read is removed.
 */
function leftSlots(context: TabsContext, live: ReadonlySet<string>): string[] {
  const { local } = context;
  const slotOf = (name: string) => name.slice(name.lastIndexOf(':') + 1);
  const left = storedNames()
    .filter(name => /^heartline-(outbox|draft):/.test(name) && !live.has(slotOf(name)))
    .map(name => ({ name, text: local.getItem(name) }))
    .map(({ name, text }) => ({ name, length: text.length, at: timeOf(text) }))
    .sort((a, b) => b.at - a.at);
  let length = 0;
  const kept = left.filter((item, index) => {
    length += item.length;
    return index < MAX_LEFT && length <= MAX_LEFT_LENGTH && item.at > 0;
  });
  for (const { name } of left.filter(item => !kept.includes(item))) local.removeItem(name);
  const here = kept
    .map(({ name }) => name)
    .filter(name => [outboxOf, draftOf].some(of => of(context, slotOf(name)) === name));
  return [...new Set(here.map(slotOf))];
}

/** When a draft, or the last message of an outbox, was written (ms since 1970). */
function timeOf(text: string): number {
  const draftedAt = /^\d+(?= )/.exec(text)?.[0];
  return Number(draftedAt) || Math.max(0, ...itemsOf(text).map(({ at }) => Number(at) || 0));
}

/** Adopts what is stored under these slots, and what an earlier version of the page has stored for this tab. */
function adopt(context: TabsContext, slots: readonly string[]): void {
  const { url, slot, local, session } = context;
  const outbox = outboxOf(context, slot);
  const outboxes: [KeptStorage, string][] = [[session, outboxOf(context, '')]];
  const drafts: [KeptStorage, string][] = [[session, `heartline-draft:${url.replace(/^ws/, 'http')}`]];
  for (const each of slots) {
    // The oldest messages first, and the newest draft.
    outboxes.splice(1, 0, [local, outboxOf(context, each)]);
    drafts.push([local, draftOf(context, each)]);
  }
  const items = itemsOf(local.getItem(outbox));
  const count = items.length;
  for (const [storage, name] of outboxes) {
    const rest = itemsOf(storage.getItem(name)).filter(item => !add(items, item));
    if (items.length > count) local.setItem(outbox, JSON.stringify(items));
    storage.setItem(name, rest.length > 0 ? JSON.stringify(rest) : '');
  }
  // There may be space now that was lacking.
  if (items.length > count) replace(context, items);
  const text = context.composer.element.querySelector('textarea');
  for (const [storage, name] of drafts) {
    const draft = storage.getItem(name);
    if (!text || text.value || !draft) continue;
    text.value = storage === session ? draft : draft.replace(/^\d+ /, '');
    storage.removeItem(name);
    text.dispatchEvent(new Event('input'));
  }
}

/**
 * If another page has adopted what this one has in memory, it may have sent it as another person: then nobody can know
 * whether a message is stored, unless it comes as an entry of this one's.
 */
function doubt(context: TabsContext): void {
  const { slot, client, local } = context;
  // It may have had space for some of them only.
  const ids = new Set(itemsOf(local.getItem(outboxOf(context, slot))).map(({ id }) => id));
  if (client.outgoing.every(({ id }) => ids.has(id))) return;
  replace(
    context,
    client.outgoing.map(item => (item.state === 'pending' && !ids.has(item.id) ? { ...item, state: 'unknown' } : item)),
  );
}

/** Replaces what is not sent yet, and shows it. */
function replace(context: TabsContext, items: readonly (Outgoing | Item)[]): void {
  const { slot, client, list, local } = context;
  local.setItem(outboxOf(context, slot), JSON.stringify(items));
  client.load();
  for (const item of client.outgoing) list.show(item, client.you);
}

type Item = Readonly<Record<string, unknown>>;

/** The items of a stored outbox. The client checks what is in them. */
function itemsOf(text: string): Item[] {
  try {
    const items: unknown = JSON.parse(text);
    return Array.isArray(items) ? items.filter(item => typeof item === 'object' && item !== null) : [];
  } catch {
    return [];
  }
}

/** Adds an item, unless it is there already. Returns false if it does not fit. */
function add(items: Item[], item: Item): boolean {
  if (items.some(({ id }) => id === item.id)) return true;
  // Its page may only have been too busy to answer. As a retry, the relay looks it up.
  const more = [...items, { sentAs: '', ...item }];
  if (more.length > MAX_MESSAGES || JSON.stringify(more).length > MAX_LENGTH) return false;
  items.push({ sentAs: '', ...item });
  return true;
}
