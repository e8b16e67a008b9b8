/** One room as one person sees it: the line, and what stands on the page for it. */
import type { Message } from '../protocol/frames.ts';
import { button, element } from './browser/dom.ts';
import { type Identity, loadIdentity } from './browser/identity.ts';
import { browserPage } from './browser/page-lifecycle.ts';
import { session, storageOf } from './browser/storage.ts';
import { Line, type LineListener, type LineState } from './client/client.ts';
import { fetchOlder } from './client/history.ts';
import { Composer } from './compose/composer.ts';
import { LANGUAGES, type Language, type Words } from './i18n/languages.ts';
import { RenameDialog } from './lazy/rename-dialog.ts';
import { Days } from './messages/days.ts';
import { MessageList } from './messages/message-list.ts';
import { refusalWords } from './messages/message-row.ts';
import { makeDisc } from './people/avatar.ts';
import { PeopleView, Roster } from './people/people.ts';
import { Status } from './status/status.ts';

export interface ConversationOptions {
  readonly room: string;
  /** `https://relay.example`, without a slash at the end. */
  readonly relay: string;
  readonly language: Language;
  readonly heartbeatMs: number | undefined;
  /** A name to bear, instead of the one that was used last. */
  readonly user: string | null;
  changed(state: LineState): void;
  received(message: Message): void;
  switchLanguage(): void;
}

export class Conversation {
  readonly element: HTMLElement;
  readonly #options: ConversationOptions;
  readonly #identity: Identity;
  readonly #words: Words;
  readonly #line: Line;
  readonly #list: MessageList;
  readonly #status: Status;
  readonly #composer: Composer;
  readonly #dialog: RenameDialog;
  readonly #people: PeopleView;
  readonly #roster = new Roster();
  readonly #role: HTMLButtonElement;
  readonly #door: HTMLButtonElement;
  #welcomes = 0;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const { language, relay, room } = options;
    const words = LANGUAGES[language];
    const identity = loadIdentity(relay, words.guest, options.user);
    this.#identity = identity;
    this.#words = words;
    const address = `${relay}/rooms/${encodeURIComponent(room)}`;
    this.#line = new Line(
      address.replace(/^http/, 'ws'),
      {
        user: identity.user,
        key: identity.key,
        store: storageOf(session),
        page: browserPage,
        heartbeatMs: options.heartbeatMs,
      },
      this.#listener(),
    );
    this.#list = new MessageList({
      words,
      days: new Days(language),
      isOwn: this.#isOwn,
      older: seq => fetchOlder(address, seq),
      resend: id => {
        this.#line.resend(id);
        this.#composer.focus();
      },
      discard: id => {
        this.#line.discard(id);
        this.#composer.focus();
      },
    });
    this.#status = new Status({ words, retry: () => this.#line.retry() });
    this.#people = new PeopleView(words);
    this.#dialog = new RenameDialog({
      words,
      names: identity.names,
      rename: user => {
        this.#line.rename(user);
        this.#composer.focus();
      },
    });
    this.#role = button('', 'role', () => this.#dialog.open(this.#line.user));
    this.#door = button(words.close, '', () => this.#turn());
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
      { class: 'chat', lang: language },
      this.#header(),
      this.#list.element,
      element(
        'footer',
        {},
        this.#composer.element,
        element('div', { class: 'quick' }, button(words.language, '', options.switchLanguage), this.#door),
      ),
      this.#dialog.element,
    );
    this.#showRole();
    for (const item of this.#line.outgoing) this.#list.show(item, this.#line.you);
    this.#line.open();
  }

  /** Leaves no timer, listener or socket behind. */
  dispose(): void {
    this.#line.dispose();
    this.#list.dispose();
    this.#status.dispose();
  }

  #listener(): LineListener {
    return {
      state: state => this.#show(state),
      welcome: ({ people }) => {
        this.#welcomes++;
        this.#roster.update(people);
        this.#identify();
      },
      page: ({ missed }) => {
        if (missed !== 0) this.#list.addMissed(missed);
      },
      message: (message, replayed) => {
        this.#list.add(message, replayed, !replayed || this.#welcomes > 1);
        this.#options.received(message);
      },
      reset: () => this.#list.reset(),
      outgoing: item => this.#list.show(item, this.#line.you),
      sent: id => this.#list.sent(id),
      discarded: id => this.#list.discard(id),
      people: frame => {
        this.#roster.update(frame);
        this.#people.show(this.#roster, this.#isOwn);
      },
      refused: ({ code }) => this.#composer.fail(refusalWords(code, this.#words)),
      renamed: user => {
        this.#identity.remember(user);
        this.#showRole();
        this.#identify();
      },
      beat: roundTripMs => this.#status.beat(roundTripMs),
    };
  }

  readonly #isOwn = ({ from, user }: { from: string; user: string }): boolean =>
    from === this.#line.you && user === this.#line.user;

  #identify(): void {
    this.#list.identify();
    this.#people.show(this.#roster, this.#isOwn);
  }

  #say(message: string): boolean {
    if (!this.#line.say(message)) return false;
    this.#list.forgetUnread();
    this.#list.toEnd();
    return true;
  }

  #show(state: LineState): void {
    this.#status.show(state);
    this.#door.textContent = isOver(state) ? this.#words.reconnect : this.#words.close;
    this.#options.changed(state);
  }

  #turn(): void {
    if (isOver(this.#line.state)) this.#line.open();
    else this.#line.close();
  }

  #showRole(): void {
    const person = { from: this.#line.you, user: this.#line.user };
    this.#role.replaceChildren(makeDisc(person, true), element('span', { class: 'label' }, this.#words.role));
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

function isOver({ name }: LineState): boolean {
  return name === 'closed' || name === 'stopped';
}
