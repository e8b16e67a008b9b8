/**
 * <chat-window>: a room to talk in, on any page. The shell: attributes, language, style sheet, coming and going.
 *
 * Attributes: `room` (else the page's path), `relay` (`wss://…`, else where this script came from), `user`, `lang`,
 * `heartbeat` (milliseconds, or `off`). Events: `message` and `state`, with the message and the line's state as `detail`.
 * What others may lean on, in the open shadow root: the attribute `state` of the element (connecting, connected, waiting,
 * closed, stopped); `textarea`; buttons by their words; a stored message is `li[data-seq]`, one that is not known to be
 * stored `li[data-id][data-state]` (pending, failed, unknown); what was said is in `.text`, the line's state in `.state`.
 *
 * Nothing is shown before the words of its language are loaded; until another language's are, it goes on in the one before.
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

  // An element that is put back at once has only moved.
  disconnectedCallback(): void {
    queueMicrotask(() => {
      if (!this.isConnected) this.#shell.stop();
    });
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before !== after) this.#shell.change(name);
  }

  /** The room's name: that of the attribute, else of the page's path. */
  get room(): string {
    return this.getAttribute('room') ?? roomOfPath(location.pathname);
  }

  /** The words on the page, once there are any. */
  get words(): Words | undefined {
    return this.#shell.words;
  }
}

interface Shell {
  readonly words: Words | undefined;
  start(): void;
  stop(): void;
  /** An attribute has another value. */
  change(attribute: string): void;
}

/** What is in the element: nothing, or the conversation that its attributes ask for. */
function createShell(host: ChatWindow): Shell {
  const root = host.attachShadow({ mode: 'open' });
  let started = false;
  let conversation: Conversation | undefined;
  /** The tag of the language that is spoken, and its words. */
  let spoken = '';
  let words: Words | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  root.adoptedStyleSheets = [sheet];

  /** The tag of the language wanted: of the attribute, else what was chosen here before, else what the browser asks for. */
  const wanted = () => chooseLanguage([host.lang, readStorage(local, LANGUAGE_KEY), ...navigator.languages], TAGS);
  /** Begins anew in the language wanted, once its words are loaded. */
  const speak = async (attempt = 0) => {
    clearTimeout(timer);
    const language = wanted();
    if (language === spoken) return;
    const loaded = await loadChunk<Words>(languages[language]?.path ?? '').catch(() => undefined);
    // Another one may be wanted by now, or this one be there: several calls can wait for the same words.
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
  /** Begins anew with what the attributes say. */
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
        // Pressed again, where it could not be loaded.
        void speak();
      },
    });
    root.replaceChildren(conversation.element);
    // Last, because a listener may change an attribute when it is told of the state.
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
