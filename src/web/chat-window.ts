/**
 * <chat-window>: a room to talk in, on any page. The shell: attributes, language, style sheet, coming and going.
 *
 * Attributes: `room` (else the page's path), `relay` (`wss://…`, else where this script came from), `user`, `lang`,
 * `heartbeat` (milliseconds, or `off`). Events: `message` and `state`, with the message and the line's state as `detail`.
 * What others may lean on, in the open shadow root: the attribute `state` of the element (connecting, connected, waiting,
 * closed, stopped); `textarea`; buttons by their words; a stored message is `li[data-seq]`, one that is not known to be
 * stored `li[data-id][data-state]` (pending, failed, unknown); what was said is in `.text`, the line's state in `.state`.
 */
import { heartbeatOf, relayOrigin, roomOfPath } from './browser/address.ts';
import { local, readStorage, writeStorage } from './browser/storage.ts';
import sheetText from './chat-window.css';
import { Conversation } from './conversation.ts';
import { chooseLanguage, type Language } from './i18n/languages.ts';

const LANGUAGE_KEY = 'heartline-language';

export class ChatWindow extends HTMLElement {
  static readonly observedAttributes = ['room', 'relay', 'user', 'lang', 'heartbeat'];

  #conversation: Conversation | undefined;

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(sheetText);
    this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [sheet];
  }

  connectedCallback(): void {
    if (!this.#conversation) this.#start();
  }

  // An element that is put back at once has only moved.
  disconnectedCallback(): void {
    queueMicrotask(() => {
      if (!this.isConnected) this.#stop();
    });
  }

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (!this.#conversation || before === after) return;
    this.#stop();
    this.#start();
  }

  /** The room's name: that of the attribute, else of the page's path. */
  get room(): string {
    return this.getAttribute('room') ?? roomOfPath(location.pathname);
  }

  /** The language spoken: of the attribute, else what was chosen here before, else what the browser asks for. */
  get language(): Language {
    return chooseLanguage([this.lang, readStorage(local, LANGUAGE_KEY), ...navigator.languages]);
  }

  #start(): void {
    const { room, language } = this;
    const relay = relayOrigin(this.getAttribute('relay'), import.meta.url);
    this.#conversation = new Conversation({
      room,
      relay,
      language,
      heartbeatMs: heartbeatOf(this.getAttribute('heartbeat')),
      user: this.getAttribute('user'),
      changed: state => {
        this.setAttribute('state', state.name);
        this.dispatchEvent(new CustomEvent('state', { detail: state }));
      },
      received: message => this.dispatchEvent(new CustomEvent('message', { detail: message })),
      switchLanguage: () => {
        const other = language === 'zh' ? 'en' : 'zh';
        writeStorage(local, LANGUAGE_KEY, other);
        this.lang = other;
      },
    });
    this.shadowRoot?.replaceChildren(this.#conversation.element);
  }

  #stop(): void {
    this.#conversation?.dispose();
    this.#conversation = undefined;
    this.shadowRoot?.replaceChildren();
  }
}
