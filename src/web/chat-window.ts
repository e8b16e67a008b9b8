/**
 * <chat-window>: a chat room as an element for any page. This is its shell: attributes, language, style sheet, and what
 * happens when it is inserted and removed.
 *
 * Attributes: `room` (by default from the page's path), `relay` (`wss://…`, by default the script's origin), `user`,
 * `lang`, `heartbeat` (milliseconds, or `off`). Events: `message` and `state`, whose `detail` is the message or the
 * state of the connection. Other code may rely on the following: the element's attribute `state` (connecting,
 * connected, waiting, closed, stopped), and in its open shadow root `textarea`; buttons by their text; `li[data-seq]`,
 * a stored message; `li[data-id][data-state]`, one that is not known to be stored (pending, failed, unknown); `.text`,
 * the text of a message; and `.state`, the state of the connection in words.
 *
 * The element is empty until the words of its language have loaded. It keeps its language until another has loaded.
 */
import { chooseLanguage } from '../protocol/language.ts';
import { heartbeatOf, relayOrigin, roomOfPath } from './browser/address.ts';
import { loadChunk } from './browser/chunk.ts';
import { local, readStorage, writeStorage } from './browser/storage.ts';
import { backoff } from './client/backoff.ts';
import { type Conversation, createConversation } from './conversation.ts';
import type { Words } from './i18n/languages.ts';
import languages from './i18n?languages';
import { sheet } from './sheet.ts';

const LANGUAGE_KEY = 'heartline-language';
const TAGS = Object.keys(languages);

export class ChatWindow extends HTMLElement {
  static readonly observedAttributes = ['room', 'relay', 'user', 'lang', 'heartbeat'];

  readonly #shell = createShell(this);

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

  /** The room's name, from the attribute or else from the page's path. */
  get room(): string {
    return this.getAttribute('room') ?? roomOfPath(location.pathname);
  }

  /** The words of the page's language, once they have loaded. */
  get words(): Words | undefined {
    return this.#shell.words;
  }
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
  const wanted = () => chooseLanguage([host.lang, readStorage(local, LANGUAGE_KEY), ...navigator.languages], TAGS);
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
      return open();
    }
    if (attempt === 0) conversation?.failLoading();
    clearTimeout(timer);
    timer = setTimeout(() => speak(attempt + 1), backoff(attempt, document.hidden, Math.random()));
  };
  /** Starts a new conversation, as the attributes describe it. */
  const open = () => {
    if (!words) return;
    conversation?.dispose();
    const next = TAGS[(TAGS.indexOf(spoken) + 1) % TAGS.length] ?? spoken;
    conversation = createConversation({
      room: host.room,
      relay: relayOrigin(host.getAttribute('relay'), import.meta.url),
      words,
      nextLanguage: languages[next]?.name ?? '',
      heartbeatMs: heartbeatOf(host.getAttribute('heartbeat')),
      user: host.getAttribute('user'),
      changed(state) {
        host.setAttribute('state', state.name);
        host.dispatchEvent(new CustomEvent('state', { detail: state }));
      },
      received: message => host.dispatchEvent(new CustomEvent('message', { detail: message })),
      switchLanguage() {
        writeStorage(local, LANGUAGE_KEY, next);
        host.lang = next;
        // If the button is pressed again after a failure, the attribute does not change.
        void speak();
      },
    });
    root.replaceChildren(conversation.element);
    // Last, because a listener for the state may change an attribute.
    conversation.open();
  };

  return {
    get words() {
      return words;
    },
    start() {
      if (started) return;
      started = true;
      open();
      void speak();
    },
    stop() {
      started = false;
      clearTimeout(timer);
      conversation?.dispose();
      conversation = undefined;
      root.replaceChildren();
    },
    change(attribute) {
      if (!started) return;
      if (attribute === 'lang') void speak();
      else open();
    },
  };
}
