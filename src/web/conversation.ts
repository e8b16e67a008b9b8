/** One room as one person sees it: the line, and what stands on the page for it. */
import type { Message } from '../protocol/entries.ts';
import { parseRelayFrame } from '../protocol/from-relay.ts';
import { MAX_USER_LENGTH } from '../protocol/limits.ts';
import { cleanUser } from '../protocol/names.ts';
import { loadChunk } from './browser/chunk.ts';
import { button, element } from './browser/dom.ts';
import { type Identity, loadIdentity } from './browser/identity.ts';
import { browserLifecycle } from './browser/page-lifecycle.ts';
import { session, storageOf } from './browser/storage.ts';
import { type Client, type ClientListener, type ConnectionState, createClient } from './client/client.ts';
import { Composer } from './compose/composer.ts';
import { FieldError } from './compose/field-error.ts';
import type { Words } from './i18n/languages.ts';
import type mountHeartLine from './lazy/heart-line.ts';
import heartLine from './lazy/heart-line.ts?chunk';
import type fetchHistory from './lazy/history.ts';
import history from './lazy/history.ts?chunk';
import type mountRenameDialog from './lazy/rename-dialog.ts';
import renameDialog from './lazy/rename-dialog.ts?chunk';
import { Days } from './messages/days.ts';
import { MessageList } from './messages/message-list.ts';
import { refusalWords } from './messages/message-row.ts';
import { makeAvatar } from './people/avatar.ts';
import { PeopleList, PeopleView } from './people/people.ts';
import { Status } from './status/status.ts';

export interface ConversationOptions {
  readonly room: string;
  /** `https://relay.example`, without a slash at the end. */
  readonly relay: string;
  readonly words: Words;
  /** The name of the language that the button switches to. */
  readonly nextLanguage: string;
  readonly heartbeatMs: number | undefined;
  /** A name to bear, instead of the one that was used last. */
  readonly user: string | null;
  changed(state: ConnectionState): void;
  received(message: Message): void;
  switchLanguage(): void;
}

export class Conversation {
  readonly element: HTMLElement;
  readonly #options: ConversationOptions;
  readonly #identity: Identity;
  readonly #words: Words;
  readonly #client: Client;
  readonly #list: MessageList;
  readonly #status: Status;
  readonly #composer: Composer;
  readonly #people: PeopleView;
  readonly #peopleList = new PeopleList();
  readonly #role: HTMLButtonElement;
  readonly #connectButton: HTMLButtonElement;
  #heart: ReturnType<typeof mountHeartLine> | undefined;
  #dialog: ReturnType<typeof mountRenameDialog> | undefined;
  #welcomes = 0;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const { words, relay, room } = options;
    const identity = loadIdentity(relay, words.guest, options.user);
    this.#identity = identity;
    this.#words = words;
    const address = `${relay}/rooms/${encodeURIComponent(room)}`;
    this.#client = createClient(
      address.replace(/^http/, 'ws'),
      {
        user: identity.user,
        key: identity.key,
        storage: storageOf(session),
        lifecycle: browserLifecycle,
        heartbeatMs: options.heartbeatMs,
      },
      this.#listener(),
    );
    this.#list = new MessageList({
      words,
      days: new Days(words),
      isOwn: this.#isOwn,
      history: seq => this.#fetchHistory(address, seq),
      resend: id => {
        this.#client.resend(id);
        this.#composer.focus();
      },
      discard: id => {
        this.#client.discard(id);
        this.#composer.focus();
      },
    });
    this.#status = new Status({ words, retry: () => this.#client.retry() });
    this.#people = new PeopleView(words);
    this.#role = button('', 'role', () => this.#openRenameDialog());
    this.#connectButton = button(words.close, '', () => this.#toggleConnection());
    this.#composer = new Composer(
      {
        words,
        say: message => this.#say(message),
        draft: `heartline-draft:${address}`,
      },
      this.#role,
    );
    this.element = element(
      'div',
      { class: 'chat', lang: words.tag },
      this.#header(),
      this.#list.element,
      element(
        'footer',
        {},
        this.#composer.element,
        element(
          'div',
          { class: 'quick' },
          button(options.nextLanguage, '', options.switchLanguage),
          this.#connectButton,
        ),
      ),
    );
    this.#showRole();
    for (const item of this.#client.outgoing) this.#list.show(item, this.#client.you);
    this.#client.open();
  }

  /** Leaves no timer, listener or socket behind. */
  dispose(): void {
    this.#client.dispose();
    this.#list.dispose();
    this.#status.dispose();
    this.#heart?.dispose();
    this.#dialog?.dispose();
  }

  /** Says that something the user waits for could not be loaded. */
  failLoading(): void {
    this.#composer.fail(this.#words.unloaded);
  }

  #listener(): ClientListener {
    return {
      state: state => this.#show(state),
      welcome: ({ people }) => {
        this.#welcomes++;
        this.#peopleList.update(people);
        this.#identify();
        // Ahead of its need. Where that fails it is loaded again, and only then says so.
        for (const chunk of [renameDialog, history]) loadChunk(chunk).catch(ignore);
      },
      page: ({ missed }) => {
        if (missed !== 0) this.#list.addMissed(missed);
      },
      message: (message, replayed) => {
        this.#list.add(message, replayed, !replayed || this.#welcomes > 1);
        this.#options.received(message);
      },
      changed: edit => this.#list.change(edit),
      erased: seqs => this.#list.erase(seqs),
      reset: () => this.#list.reset(),
      outgoing: item => this.#list.show(item, this.#client.you),
      sent: id => this.#list.sent(id),
      discarded: id => this.#list.discard(id),
      people: frame => {
        this.#peopleList.update(frame);
        this.#people.show(this.#peopleList, this.#isOwn);
      },
      refused: ({ code }) => this.#composer.fail(refusalWords(code, this.#words)),
      renamed: user => {
        this.#identity.remember(user);
        this.#showRole();
        this.#identify();
      },
      pong: roundTripMs => {
        this.#status.pong(roundTripMs);
        this.#heart?.beat();
      },
    };
  }

  async #showHeart(): Promise<void> {
    const mount = await loadChunk<typeof mountHeartLine>(heartLine).catch(ignore);
    if (mount && this.element.isConnected) this.#heart ??= mount({ host: this.#status.heart, element });
  }

  async #fetchHistory(url: string, seq: number): Promise<readonly Message[]> {
    const fetch = await loadChunk<typeof fetchHistory>(history);
    return fetch({ url, client: this.#client, parse: parseRelayFrame }, seq);
  }

  async #openRenameDialog(): Promise<void> {
    try {
      const mount = await loadChunk<typeof mountRenameDialog>(renameDialog);
      if (!this.element.isConnected) return;
      this.#composer.fail('');
      // Pressed again while it was loading.
      this.#dialog?.dispose();
      this.#dialog = mount({
        words: this.#words,
        host: this.element,
        user: this.#client.user,
        names: this.#identity.names(),
        maxLength: MAX_USER_LENGTH,
        rename: user => {
          this.#client.rename(user);
          this.#composer.focus();
        },
        element,
        button,
        cleanUser,
        FieldError,
      });
    } catch {
      this.failLoading();
    }
  }

  readonly #isOwn = ({ from, user }: { from: string; user: string }): boolean =>
    from === this.#client.you && user === this.#client.user;

  #identify(): void {
    this.#list.identify();
    this.#people.show(this.#peopleList, this.#isOwn);
  }

  #say(message: string): boolean {
    if (!this.#client.say(message)) return false;
    this.#list.forgetUnread();
    this.#list.toEnd();
    return true;
  }

  #show(state: ConnectionState): void {
    this.#status.show(state);
    this.#showHeart();
    this.#connectButton.textContent = isOver(state) ? this.#words.reconnect : this.#words.close;
    this.#options.changed(state);
  }

  #toggleConnection(): void {
    if (isOver(this.#client.state)) this.#client.open();
    else this.#client.close();
  }

  #showRole(): void {
    const person = { from: this.#client.you, user: this.#client.user };
    this.#role.replaceChildren(makeAvatar(person, true), element('span', { class: 'label' }, this.#words.role));
    this.#role.title = person.user;
  }

  #header(): HTMLElement {
    const { room } = this.#options;
    return element(
      'header',
      {},
      element(
        'div',
        { class: 'title' },
        element('h1', {}, element('bdi', {}, room === 'lobby' ? this.#words.lobby : room)),
        element('span', { class: 'path', 'aria-hidden': 'true' }, `/rooms/${room}`),
        this.#people.element,
      ),
      this.#status.element,
    );
  }
}

function ignore(): void {}

function isOver({ name }: ConnectionState): boolean {
  return name === 'closed' || name === 'stopped';
}
