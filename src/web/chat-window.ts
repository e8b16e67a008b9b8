/**
 * <chat-window>: a chat room as an element for any page. This is its shell: attributes, language, style sheet, and what
 * happens when it is inserted and removed.
 *
 * Attributes, each also a property: `room` (by default from the page's path), `relay` (`wss://…`, by default the script's
 * origin), `user`, `lang`, `heartbeat` (milliseconds, or `off`), `theme` (`light` or `dark`). Several changes in one turn are one. Events: `message` and
 * `state`, whose `detail` is the message or the state of the connection, and `error`, whose `detail` is `bad-room` or
 * `bad-relay`. Other code may rely on the following: the element's attribute `state` (connecting,
 * connected, waiting, closed, stopped), and in its open shadow root `textarea`; buttons by their text; `li[data-seq]`,
 * a stored message; `li[data-id][data-state]`, one that is not known to be stored (pending, failed, unknown); `.text`,
 * the text of a message; and `.state`, the state of the connection in words.
 *
 * The element is empty until the words of its language have loaded. It keeps its language until another has loaded.
 */
import { chooseLanguage } from '../protocol/language.ts';
import { isRoomLike } from '../protocol/names.ts';
import { heartbeatOf, relayOrigin, roomOfPath } from './browser/address.ts';
import { loadChunk } from './browser/chunk.ts';
import { element } from './browser/dom.ts';
import { local } from './browser/storage.ts';
import { backoff } from './client/backoff.ts';
import { type Conversation, createConversation } from './conversation.ts';
import type { Words } from './i18n/languages.ts';
import languages from './i18n?languages';
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
  start(): void;
  stop(): void;
  /** An attribute has a new value. */
  change(attribute: string): void;
}

/** Fills the element with the conversation that its attributes describe. */
function createShell(host: ChatWindow): Shell {
  const root = host.attachShadow({ mode: 'open' });
  let started = false;
  let conversation: Conversation | undefined;
  /** The tag and the words of the page's language. */
  let spoken = '';
  let words: Words | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  root.adoptedStyleSheets = [sheet];

  /**
   * The wanted language: that of the attribute, else the last choice in this browser, else one that the browser
   * prefers.
   */
  const wanted = () => chooseLanguage([host.lang, local.getItem(LANGUAGE_KEY), ...navigator.languages], TAGS);
  /** Loads the wanted language, and then starts again in it. */
  const speak = async (attempt = 0) => {
    clearTimeout(timer);
    const language = wanted();
    if (language === spoken) return;
    const loaded = await loadChunk<Words>(languages[language]?.path ?? '').catch(() => undefined);
    // Another language may be wanted by now, or this one may be in use: several calls can wait for the same words.
    if (!started || language !== wanted() || language === spoken) return;
    if (loaded) {
      spoken = language;
      words = loaded;
      const focused = root.activeElement;
      open();
      // What had the focus, the composer or the button that was pressed, is another element now.
      if (focused) root.querySelector<HTMLElement>(focused.closest('form') ? 'textarea' : '.quick button')?.focus();
      return;
    }
    // What else has changed does not wait for the words.
    if (opened !== described()) open();
    if (attempt === 0) conversation?.failLoading();
    clearTimeout(timer);
    timer = setTimeout(() => speak(attempt + 1), backoff(attempt, document.hidden, Math.random()));
  };
  /** What the conversation was opened with, and the attribute `user` then. */
  let opened = '';
  let user: string | null = null;
  /** The name of the last conversation. The user may have changed it, which holds until the attribute changes. */
  let present: string | null = null;
  let stale = false;
  /** What decides about the connection. */
  const described = () => `${[host.room, host.relay, host.heartbeat]}`;
  const tell = (type: string, detail: unknown) => host.dispatchEvent(new CustomEvent(type, { detail }));
  const fail = (reason: 'bad-room' | 'bad-relay', { [reason]: text }: Words) => {
    root.replaceChildren(element('p', { class: 'error', role: 'alert' }, text));
    host.setAttribute('state', 'stopped');
    tell('error', reason);
  };
  const end = () => {
    present = conversation?.dispose() ?? present;
    conversation = undefined;
  };
  /** Starts a new conversation, as the attributes describe it. */
  const open = () => {
    if (!words) return;
    end();
    opened = described();
    if (user !== host.user) present = user = host.user;
    const room = host.room.normalize();
    const relay = relayOrigin(host.relay, import.meta.url);
    if (relay === undefined) return fail('bad-relay', words);
    if (!isRoomLike(room)) return fail('bad-room', words);
    const next = TAGS[(TAGS.indexOf(spoken) + 1) % TAGS.length] ?? spoken;
    conversation = createConversation({
      room,
      relay,
      words,
      nextLanguage: languages[next]?.name ?? '',
      heartbeatMs: heartbeatOf(host.heartbeat),
      user: user && present,
      changed(state) {
        host.setAttribute('state', state.name);
        tell('state', state);
      },
      received: message => tell('message', message),
      switchLanguage() {
        local.setItem(LANGUAGE_KEY, next);
        host.lang = next;
        // If the button is pressed again after a failure, the attribute does not change.
        void speak();
      },
    });
    root.replaceChildren(conversation.element);
    // Last, because a listener for the state may change an attribute.
    conversation.open();
  };
  /** Opens once, even if the language has changed too. */
  const update = () => (wanted() === spoken ? open() : void speak());

  return {
    get words() {
      return words;
    },
    start() {
      if (started) return;
      started = true;
      update();
    },
    stop() {
      started = false;
      opened = '';
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
        if (opened !== described()) return update();
        // The user may have changed the name since.
        if (user !== host.user) conversation?.rename(host.user ?? '');
        ({ user } = host);
      });
    },
  };
}
