/** Connects a client to the views of one room. */
import type { Message } from '../protocol/entries.ts';
import type { Person } from '../protocol/frames.ts';
import { parseRelayFrame } from '../protocol/from-relay.ts';
import { MAX_USER_LENGTH } from '../protocol/limits.ts';
import { isTooLong } from '../protocol/message-length.ts';
import { cleanUser } from '../protocol/names.ts';
import { LOBBY } from './browser/address.ts';
import { loadChunk } from './browser/chunk.ts';
import { button, element, type Label, label, relabel } from './browser/dom.ts';
import { loadIdentity, page } from './browser/identity.ts';
import { browserLifecycle } from './browser/page-lifecycle.ts';
import { local, session } from './browser/storage.ts';
import { type Client, type ConnectionState, createClient } from './client/client.ts';
import { randomId } from './client/random-id.ts';
import { createComposer } from './compose/composer.ts';
import { createFieldError } from './compose/field-error.ts';
import type { Words } from './i18n/languages.ts';
import type { PeopleUpdate } from './lazy/enhancements/people.ts';
import type createEnhancements from './lazy/enhancements.ts';
import enhancementsChunk from './lazy/enhancements.ts?chunk';
import type fetchHistory from './lazy/history.ts';
import history from './lazy/history.ts?chunk';
import type mountRenameDialog from './lazy/rename-dialog.ts';
import renameDialog from './lazy/rename-dialog.ts?chunk';
import type mountTabs from './lazy/tabs.ts';
import otherTabs from './lazy/tabs.ts?chunk';
import { createDays } from './messages/days.ts';
import { createMessageList } from './messages/message-list.ts';
import { refusalWords } from './messages/message-row.ts';
import { makeAvatar } from './people/avatar.ts';
import { createStatus } from './status/status.ts';

export interface ConversationOptions {
  readonly room: string;
  /** `https://relay.example`, without a slash at the end. */
  readonly relay: string;
  /** Whenever they change, a {@link relabel} follows. */
  readonly words: Words;
  /** The name of the language that the button switches to. */
  nextLanguage(): string | undefined;
  readonly heartbeatMs: number | undefined;
  /** The user's name, instead of the one that was used last. It is not stored. */
  readonly user: string | null;
  changed(state: ConnectionState): void;
  received(message: ReceivedMessage): void;
  /** The policy of the page forbids the connection. To be disposed of. */
  blocked(): void;
  switchLanguage(): void;
}

/** A message as the element tells its page of it. */
export interface ReceivedMessage extends Message {
  /** Whether it comes from the history. */
  readonly replayed: boolean;
  /** Whether it is the user's own. */
  readonly own: boolean;
}

export interface Conversation {
  readonly element: HTMLElement;
  readonly client: Client;
  /** Says a message, and shows it. Returns why it cannot be taken; `undefined` if it was taken. */
  say(message: string): Label | undefined;
  /** Connects, once it is decided who the user is. To be called once the element is on the page. */
  open(): void;
  /** Changes the user's name, if it is one. It is not stored. */
  rename(user: string): void;
  /** Says that something the user waits for could not be loaded. */
  failLoading(): void;
  /** The element has moved on its page, which scrolled the list to its top. */
  onMove(): void;
  /** Leaves no timer, listener or socket behind. Returns the user's name. */
  dispose(): string;
}

/** The slots of the conversations that this page has disposed of; lazy/tabs.ts moves what is in them. */
const closed: string[] = [];

export function createConversation({
  room,
  relay,
  words,
  nextLanguage,
  heartbeatMs,
  user,
  changed,
  received,
  blocked,
  switchLanguage,
}: ConversationOptions): Conversation {
  const address = `${relay}/rooms/${encodeURIComponent(room)}`;
  const url = address.replace(/^http/, 'ws');
  /** Ends the names of what this conversation alone stores, so that two tabs or elements never overwrite each other. */
  const slot = randomId();
  const options = {
    ...loadIdentity(relay, url, words.guest, user),
    instance: slot,
    storage: local,
    lifecycle: browserLifecycle,
    heartbeatMs,
  };
  let enhancements: ReturnType<typeof createEnhancements> | undefined;
  let dialog: ReturnType<typeof mountRenameDialog> | undefined;
  let tabs: ReturnType<typeof mountTabs> | undefined;
  let welcomes = 0;
  const names = element('span', { class: 'names' });
  const crowd = element('div', { class: 'people' });

  /** Under whatever name, so that a change of name leaves earlier messages where they are. */
  const isOwn = ({ from }: Pick<Person, 'from'>) => from === client.you;
  const client = createClient(url, options, {
    state(state) {
      status.show(state);
      relabel(view);
      void enhance().then(() => enhancements?.changed());
      void joinTabs();
      changed(state);
    },
    welcome(frame) {
      welcomes++;
      void updatePeople(frame.people);
      list.identify();
      showRole();
      // Loads these before they are needed. A failure is reported only when they are needed.
      for (const chunk of [renameDialog, history]) loadChunk(chunk).catch(ignore);
    },
    page({ missed }) {
      if (missed !== 0) list.change({ missed });
    },
    message(message, replayed) {
      list.change({ message, replayed, counts: !replayed || welcomes > 1 });
      received({ ...message, replayed, own: isOwn(message) });
    },
    changed: edit => list.change({ changed: edit }),
    erased: erased => list.change({ erased }),
    reset: () => list.reset(),
    outgoing: item => list.show(item, client.you),
    sent: sent => list.change({ sent }),
    discarded: id => list.discard(id),
    people: frame => updatePeople(frame),
    refused: ({ code }) => composer.fail(() => refusalWords(code, words)),
    renamed: () => showRole(),
    pong(roundTripMs) {
      status.pong(roundTripMs);
      enhancements?.beat();
    },
  });

  const open = async () => {
    const before = client.state;
    if (options.undecided) await joinTabs();
    // It may have been closed meanwhile.
    if (view.isConnected && before === client.state) client.open();
  };
  const failLoading = (): undefined => {
    composer.fail(() => words.unloaded);
  };
  const enhance = async () => {
    const create = await loadChunk<typeof createEnhancements>(enhancementsChunk).catch(ignore);
    if (create && view.isConnected) enhancements ??= create(shared);
  };
  /** Resolves once it is decided which person this tab is. */
  const joinTabs = async () => {
    const mount = await loadChunk<typeof mountTabs>(otherTabs).catch(ignore);
    if (mount && view.isConnected) tabs ??= mount(shared);
    await tabs?.decided;
  };
  const openRenameDialog = async () => {
    const mount = await loadChunk<typeof mountRenameDialog>(renameDialog).catch(failLoading);
    if (!mount || !view.isConnected) return;
    // The button may have been pressed again while the chunk was loading.
    dialog?.dispose();
    dialog = mount(shared, view);
  };

  /** Updates wait for the chunk, in their order. If it cannot be loaded, the next welcome brings everyone anew. */
  const updatePeople = async (update: PeopleUpdate) => {
    if (!enhancements) await enhance();
    enhancements?.people(update);
  };

  const list = createMessageList({
    words,
    days: createDays(words),
    isOwn,
    isConnected: () => client.state.name === 'connected',
    async history(seq) {
      const fetchOlder = await loadChunk<typeof fetchHistory>(history).catch(failLoading);
      return fetchOlder?.({ url: address, client, parse: parseRelayFrame }, seq);
    },
    resend(id) {
      client.resend(id);
      composer.focus();
    },
    discard(id) {
      client.discard(id);
      composer.focus();
    },
  });
  const status = createStatus({
    words,
    retry() {
      client.retry();
      composer.focus();
    },
  });
  const role = button('', 'role', openRenameDialog);
  const showRole = () => {
    const { you: from, user } = client;
    role.replaceChildren(
      makeAvatar({ from, user }),
      element('span', { class: 'label' }, () => words.role),
    );
    role.title = user;
  };
  const isOver = () => client.state.name === 'closed' || client.state.name === 'stopped';
  const connectButton = button(
    () => (isOver() ? words.reconnect : words.close),
    '',
    () => (isOver() ? open() : client.close()),
  );
  const say = (message: string) => {
    if (isTooLong(message)) return () => words['too-long'];
    if (!client.say(message)) return () => words.unsent;
    list.forgetUnread();
    list.toEnd();
    return undefined;
  };
  const composer = createComposer(
    {
      words,
      say,
      draft: `heartline-draft:${url}:${slot}`,
    },
    role,
  );
  /** What the chunks need. */
  const shared = {
    relay,
    url,
    slot,
    closed,
    words,
    identity: options,
    client,
    composer,
    list,
    local,
    session,
    maxLength: MAX_USER_LENGTH,
    element,
    button,
    relabel,
    makeAvatar,
    heart: status.heart,
    names,
    crowd,
    blocked,
    cleanUser,
    createFieldError,
    randomId,
    page,
  };
  const view = element(
    'div',
    { class: 'chat' },
    element(
      'header',
      { part: 'header' },
      element(
        'div',
        { class: 'title' },
        element(
          'h1',
          {},
          element('bdi', {}, () => (room === LOBBY ? words.lobby : room)),
        ),
        element('div', { class: 'sub' }, names, status.element),
      ),
      status.now,
      crowd,
    ),
    element('div', { class: 'quick' }, button(nextLanguage, '', switchLanguage), connectButton),
    status.heart,
    list.element,
    element('footer', { part: 'footer' }, composer.element),
  );

  label(view, () => {
    view.lang = words.tag;
  });
  showRole();
  return {
    element: view,
    client,
    say,
    open,
    rename(user) {
      const given = cleanUser(user);
      if (given !== undefined && given !== client.user) client.rename(given);
    },
    failLoading,
    onMove: list.onMove,
    dispose() {
      closed.push(slot);
      tabs?.dispose();
      client.dispose();
      list.dispose();
      status.dispose();
      enhancements?.dispose();
      dialog?.dispose();
      return client.user;
    },
  };
}

function ignore(): void {}
