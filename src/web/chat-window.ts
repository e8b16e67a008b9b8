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
import { Conversation } from './conversation.ts';
import type { Words } from './i18n/languages.ts';
import languages from './i18n?languages';
import { sheet } from './sheet.ts';

const LANGUAGE_KEY = 'heartline-language';
const TAGS = Object.keys(languages);

export class ChatWindow extends HTMLElement {
  static readonly observedAttributes = ['room', 'relay', 'user', 'lang', 'heartbeat'];

  #started = false;
  #conversation: Conversation | undefined;
  #language = '';
  #words: Words | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [sheet];
  }

  connectedCallback(): void {
    if (this.#started) return;
    this.#started = true;
    if (this.language === this.#language) this.#open();
    else this.#speak();
  }

  // An element that is put back at once has only moved.
  disconnectedCallback(): void {
    queueMicrotask(() => {
      if (!this.isConnected) this.#stop();
    });
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.#started || before === after) return;
    if (name === 'lang') this.#speak();
    else this.#open();
  }

  /** The room's name: that of the attribute, else of the page's path. */
  get room(): string {
    return this.getAttribute('room') ?? roomOfPath(location.pathname);
  }

  /** The tag of the language wanted: of the attribute, else what was chosen here before, else what the browser asks for. */
  get language(): string {
    return chooseLanguage([this.lang, readStorage(local, LANGUAGE_KEY), ...navigator.languages], TAGS);
  }

  /** The words on the page, once there are any. */
  get words(): Words | undefined {
    return this.#words;
  }

  /** Begins anew in the language wanted, once its words are loaded. */
  async #speak(attempt = 0): Promise<void> {
    clearTimeout(this.#retry);
    const { language } = this;
    if (language === this.#language) return;
    const words = await loadChunk<Words>(languages[language]?.path ?? '').catch(() => undefined);
    // Another one may be wanted by now, or this one be there: several calls can wait for the same words.
    if (!this.#started || language !== this.language || language === this.#language) return;
    if (words) {
      this.#language = language;
      this.#words = words;
      return this.#open();
    }
    this.#conversation?.failLoading();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#speak(attempt + 1), backoff(attempt, document.hidden, Math.random()));
  }

  /** Begins anew with what the attributes say. */
  #open(): void {
    if (!this.#words) return;
    this.#conversation?.dispose();
    const next = TAGS[(TAGS.indexOf(this.#language) + 1) % TAGS.length] ?? this.#language;
    this.#conversation = new Conversation({
      room: this.room,
      relay: relayOrigin(this.getAttribute('relay'), import.meta.url),
      words: this.#words,
      nextLanguage: languages[next]?.name ?? '',
      heartbeatMs: heartbeatOf(this.getAttribute('heartbeat')),
      user: this.getAttribute('user'),
      changed: state => {
        this.setAttribute('state', state.name);
        this.dispatchEvent(new CustomEvent('state', { detail: state }));
      },
      received: message => this.dispatchEvent(new CustomEvent('message', { detail: message })),
      switchLanguage: () => {
        writeStorage(local, LANGUAGE_KEY, next);
        this.lang = next;
        // Pressed again, where it could not be loaded.
        this.#speak();
      },
    });
    this.shadowRoot?.replaceChildren(this.#conversation.element);
  }

  #stop(): void {
    this.#started = false;
    clearTimeout(this.#retry);
    this.#conversation?.dispose();
    this.#conversation = undefined;
    this.shadowRoot?.replaceChildren();
  }
}
