/**
 * <chat-window>: a chat room as an element for any page. This is its shell: attributes, language, style sheet, and what
 * happens when it is inserted and removed.
 *
 * Attributes, each also a property: `room` (by default from the page's path), `relay` (`wss://…`, by default the script's
 * origin), `user`, `lang`, `heartbeat` (milliseconds, or `off`), `theme` (`light` or `dark`). Several changes in one turn
 * are one. Methods: `say`, `open`, `close`, `rename`, `focus`. Events, which do not bubble: `message`, `state` and
 * `people`, whose `detail` is the message, the state of the connection or the people who are here; `unread`, whose
 * `detail` is the number that the attribute and the property `unread` have too; and `error`, whose `detail` is
 * `bad-room`, `bad-relay` or `blocked` (by the policy of the page). Other code may rely on the following: the element's attribute `state` (connecting,
 * connected, waiting, closed, stopped), and in its open shadow root `textarea`; buttons by their text; `li[data-seq]`,
 * a stored message; `li[data-id][data-state]`, one that is not known to be stored (pending, failed, unknown); `.text`,
 * the text of a message; and `.state`, the state of the connection in words.
 *
 * The element is empty until the words of its language have loaded. It keeps its language until another has loaded, and
 * dispatches `language` then.
 */
import { chooseLanguage } from '../protocol/language.ts';
import { cleanUser, isRoomLike } from '../protocol/names.ts';
import { heartbeatOf, relayOrigin, roomOfPath } from './browser/address.ts';
import { loadChunk } from './browser/chunk.ts';
import { element, relabel } from './browser/dom.ts';
import { local } from './browser/storage.ts';
import { isTouch } from './browser/touch.ts';
import { backoff } from './client/backoff.ts';
import type { ConnectionState } from './client/client.ts';
import { type Conversation, createConversation } from './conversation.ts';
import type { FirstWords, LaterWords, Words } from './i18n/languages.ts';
import languages from './i18n?languages';
import type callMethod from './lazy/methods.ts';
import type { Method } from './lazy/methods.ts';
import methods from './lazy/methods.ts?chunk';
import { sheet } from './sheet.ts';

const LANGUAGE_KEY = 'heartline-language';
const TAGS = Object.keys(languages);

/** The properties that are an attribute each; `lang` is one in every element. */
const PROPERTIES = ['room', 'relay', 'user', 'heartbeat', 'theme'] as const;

export class ChatWindow extends HTMLElement {
  static readonly observedAttributes = ['lang', ...PROPERTIES];

  /** The room's name, from the attribute or else from the page's path. */
  declare room: string;
  declare relay: string | null;
  declare user: string | null;
  /** In milliseconds, or `off`. */
  declare heartbeat: string | number | null;
  /** `light` or `dark`; by default as the system is. */
  declare theme: string | null;

  readonly #shell = createShell(this);

  constructor() {
    super();
    // Set before the element was defined, they hide the properties of the class.
    for (const name of PROPERTIES) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      Reflect.deleteProperty(this, name);
      Object.assign(this, { [name]: value });
    }
  }

  connectedCallback(): void {
    this.#shell.start();
  }

  // An element that is inserted again in the same turn has only moved.
  disconnectedCallback(): void {
    queueMicrotask(() => {
      if (!this.isConnected) this.#shell.stop();
    });
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before !== after) this.#shell.change(name);
  }

  /**
   * Says a message as the user. Fulfilled once it is in the outbox, from where it is sent when the element is connected.
   * Rejects with an `AbortError`, as the other methods do, if the element has another conversation by then, or none.
   */
  say(text: string): Promise<void> {
    return this.#shell.call('say', text);
  }

  /** Connects again, after `close` or the button that does the same. */
  open(): Promise<void> {
    return this.#shell.call('open');
  }

  /** Leaves the room. What is shown and what waits to be sent stays, until `open`. */
  close(): Promise<void> {
    return this.#shell.call('close');
  }

  /** Changes the user's name. It is not stored. */
  rename(user: string): Promise<void> {
    return this.#shell.call('rename', user);
  }

  /** Moves the focus to the text to be written, once it is there. */
  override focus(options?: FocusOptions): void {
    this.shadowRoot?.querySelector('textarea')?.focus(options);
  }

  /** How many messages the user has not seen. */
  get unread(): number {
    return Number(this.getAttribute('unread'));
  }

  /** The words of the page's language, once they have loaded. */
  get words(): Words | undefined {
    return this.#shell.words;
  }
}

for (const name of PROPERTIES) {
  Object.defineProperty(ChatWindow.prototype, name, {
    get(this: ChatWindow) {
      return this.getAttribute(name) ?? (name === 'room' ? roomOfPath(location.pathname) : null);
    },
    set(this: ChatWindow, value: unknown) {
      if (value === null || value === undefined) this.removeAttribute(name);
      else this.setAttribute(name, `${value}`);
    },
  });
}

interface Shell {
  readonly words: Words | undefined;
  /** The element is on a page; if it was before, it has moved. */
  start(): void;
  stop(): void;
  /** An attribute has a new value. */
  change(attribute: string): void;
  /** Runs a method in the conversation that the attributes describe now, or in the first one. */
  call(method: Method, value?: string): Promise<void>;
}

/** Fills the element with the conversation that its attributes describe. */
function createShell(host: ChatWindow): Shell {
  const root = host.attachShadow({ mode: 'open' });
  let started = false;
  let conversation: Conversation | undefined;
  /** The words of the page's language, or of the next one: they change in place. */
  let words: Words | undefined;
  /** The language that they are in, and whether those of later states are among them. */
  let spoken = '';
  let complete = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  root.adoptedStyleSheets = [sheet];

  /**
   * The wanted language: that of the attribute, else the last choice in this browser, else one that the browser
   * prefers.
   */
  const wanted = () => chooseLanguage([host.lang, local.getItem(LANGUAGE_KEY), ...navigator.languages], TAGS);
  /** Loads the wanted language, and then says everything in it. The words of later states only come after the first. */
  const speak = async (attempt = 0) => {
    clearTimeout(timer);
    const language = wanted();
    // Another language may be wanted by now, or this one may be in use: several calls can wait for the same words.
    const isDone = () => !started || !host.isConnected || language !== wanted() || (language === spoken && complete);
    if (isDone()) return;
    const { path = '', later = '' } = languages[language] ?? {};
    try {
      const first = await loadChunk<FirstWords>(path);
      if (isDone()) return;
      if (!words) {
        words = { ...first };
        spoken = language;
        open();
      }
      const rest = await loadChunk<LaterWords>(later);
      if (isDone()) return;
      Object.assign(words, first, rest);
      spoken = language;
      complete = true;
      relabel(root);
      tell('language', spoken);
    } catch {
      if (isDone()) return;
      // Nobody waits for the words of later states.
      if (attempt === 0 && language !== spoken) conversation?.failLoading();
      clearTimeout(timer);
      timer = setTimeout(() => speak(attempt + 1), backoff(attempt, document.hidden, Math.random()));
    }
  };
  /** What the conversation was opened with, and the attribute `user` then. */
  let opened = '';
  let user: string | null = null;
  /** The name of the last conversation. The user may have changed it, which holds until the attribute changes. */
  let present: string | null = null;
  let stale = false;
  /** How often the element was removed. */
  let removals = 0;
  /** What decides about the connection. */
  const described = () => `${[host.room, host.relay, host.heartbeat, removals]}`;
  const tell = (type: string, detail: unknown) => host.dispatchEvent(new CustomEvent(type, { detail }));
  const changed = (state: ConnectionState) => {
    host.setAttribute('state', state.name);
    tell('state', state);
  };
  const end = () => {
    present = conversation?.dispose() ?? present;
    conversation = undefined;
  };
  const fail = (reason: 'bad-room' | 'bad-relay' | 'blocked') => {
    end();
    root.replaceChildren(element('p', { class: 'error', role: 'alert' }, () => words?.[reason]));
    host.setAttribute('state', 'stopped');
    tell('error', reason);
  };
  /** Starts a new conversation, as the attributes describe it. */
  const open = () => {
    if (!words) return;
    end();
    opened = described();
    if (user !== host.user) present = user = host.user;
    const room = host.room.normalize();
    const relay = relayOrigin(host.relay, import.meta.url);
    if (relay === undefined) return fail('bad-relay');
    if (!isRoomLike(room)) return fail('bad-room');
    const next = () => TAGS[(TAGS.indexOf(spoken) + 1) % TAGS.length] ?? spoken;
    conversation = createConversation({
      room,
      relay,
      words,
      nextLanguage: () => languages[next()]?.name,
      heartbeatMs: heartbeatOf(host.heartbeat),
      user: user && present,
      changed,
      blocked: () => fail('blocked'),
      received: message => tell('message', message),
      switchLanguage() {
        host.lang = next();
        local.setItem(LANGUAGE_KEY, host.lang);
        // If the button is pressed again after a failure, the attribute does not change.
        void speak();
      },
    });
    const hadFocus = root.activeElement?.closest('form');
    root.replaceChildren(conversation.element);
    // What had the focus is another element now. Whoever opens the relay's own page comes to write.
    if (hadFocus || (host.dataset.page === '' && !isTouch())) root.querySelector('textarea')?.focus();
    // Last, because a listener for the state may change an attribute.
    conversation.open();
  };

  return {
    get words() {
      return words;
    },
    async call(method, value) {
      const meant = started && described();
      const call = await loadChunk<typeof callMethod>(methods);
      return call(
        { host, meant, described, conversation: () => (opened === described() ? conversation : undefined), cleanUser },
        method,
        value,
      );
    },
    start() {
      if (started) conversation?.onMove();
      else {
        started = true;
        open();
      }
      void speak();
    },
    stop() {
      started = false;
      removals++;
      changed({ name: 'closed' });
      clearTimeout(timer);
      end();
      root.replaceChildren();
    },
    change(attribute) {
      if (!started) return;
      if (attribute === 'lang') return void speak();
      if (stale) return;
      stale = true;
      // One change for all that are made in this turn.
      queueMicrotask(() => {
        stale = false;
        if (!started) return;
        if (opened !== described()) return open();
        // The user may have changed the name since.
        if (user !== host.user) conversation?.rename(host.user ?? '');
        ({ user } = host);
      });
    },
  };
}
