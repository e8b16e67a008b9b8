/**
 * <chat-launcher>: a button in the corner of a page, with the number of unread messages, that opens a <chat-window>.
 *
 * It passes all attributes of the chat window on to it. Its own are `open`, which is a property too, and `label`, what
 * the button opens. Its property `chat` is the chat window, for methods and events. It dispatches `toggle` when it has
 * opened or closed. The chat window is connected while it is closed, to count what is unread.
 */
import { chooseLanguage } from '../../protocol/language.ts';
import { button, element } from '../browser/dom.ts';
import { isTouch } from '../browser/touch.ts';
import type { ChatWindow } from '../chat-window.ts';
import text from './chat-launcher.css';
import { LAUNCHER_WORDS } from './words.ts';

const SVG = 'http://www.w3.org/2000/svg';
const BUBBLE = 'M4 4h16a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z';
const OWN = ['open', 'label'];
/** A larger number is shown as `99+`. */
const MAX_SHOWN = 99;

const sheet = new CSSStyleSheet();
sheet.replaceSync(text);

export class ChatLauncher extends HTMLElement {
  /** The chat window, which is defined before the launcher, knows its attributes itself. */
  static get observedAttributes(): string[] {
    const chat = customElements.get('chat-window');
    const known: unknown = chat && 'observedAttributes' in chat ? chat.observedAttributes : [];
    return [...OWN, ...(Array.isArray(known) ? known.map(String) : [])];
  }

  /** The chat window. */
  readonly chat: HTMLElement & Partial<Pick<ChatWindow, 'words'>> = document.createElement('chat-window');
  readonly #root = this.attachShadow({ mode: 'open' });
  readonly #button = button('', '', () => {
    this.open = !this.open;
    if (this.open) this.#enter();
  });
  readonly #count = element('span', { class: 'count', 'aria-hidden': 'true' });
  // It can have the focus while the chat window has nothing to focus yet, and on touch screens, where the focus of a
  // field would open the keyboard.
  readonly #panel = element(
    'div',
    { id: 'panel', part: 'panel', role: 'dialog', tabindex: '-1', hidden: '' },
    this.chat,
  );
  readonly #view = element('div', { class: 'launcher' }, this.#button, this.#panel);

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [sheet];
    this.#root.append(this.#view);
    this.#button.part.add('button');
    this.#button.append(bubble(), this.#count);
    this.#button.setAttribute('aria-controls', 'panel');
    this.#button.setAttribute('aria-expanded', 'false');
    this.chat.part.add('chat');
    this.chat.setAttribute('exportparts', 'header, messages, text, footer');
    for (const event of ['unread', 'language']) this.chat.addEventListener(event, () => this.#name());
    this.chat.addEventListener('state', () => {
      this.#name();
      if (this.#root.activeElement === this.#panel) this.#enter();
    });
    // Captured, because the chat window keeps its keys to itself.
    this.#root.addEventListener('keydown', event => event instanceof KeyboardEvent && this.#press(event), true);
    this.#name();
    // Set before the element was defined, it hides the property of the class.
    if (!Object.hasOwn(this, 'open')) return;
    const { open } = this;
    Reflect.deleteProperty(this, 'open');
    queueMicrotask(() => {
      this.open = open;
    });
  }

  /** Whether the chat window is shown. */
  get open(): boolean {
    return this.hasAttribute('open');
  }

  set open(open: boolean) {
    this.toggleAttribute('open', Boolean(open));
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (before === after) return;
    if (name === 'open') return this.#toggle();
    if (!OWN.includes(name)) {
      if (after === null) this.chat.removeAttribute(name);
      else this.chat.setAttribute(name, after);
    }
    this.#name();
  }

  #toggle(): void {
    const { open } = this;
    if (open !== this.#panel.hidden) return;
    // What is hidden loses the focus.
    if (!open && this.#root.activeElement) this.#button.focus();
    this.#panel.hidden = !open;
    this.#button.setAttribute('aria-expanded', `${open}`);
    this.dispatchEvent(new Event('toggle'));
  }

  /** Moves the focus into the panel. */
  #enter(): void {
    this.#panel.focus();
    if (!isTouch()) this.chat.focus();
  }

  #press(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.isComposing || event.keyCode === 229 || !this.open) return;
    const path = event.composedPath();
    // What is open inside closes first.
    if (path.slice(0, Math.max(0, path.indexOf(this.#panel))).some(isClosable)) return;
    event.preventDefault();
    event.stopPropagation();
    this.open = false;
  }

  /** Names the button and the panel, in the language of the chat window. */
  #name(): void {
    const { words } = this.chat;
    const tags = words ? [words.tag] : [this.lang, ...navigator.languages];
    const tag = chooseLanguage(tags, Object.keys(LAUNCHER_WORDS));
    const spoken = LAUNCHER_WORDS[tag];
    const label = this.getAttribute('label') || spoken?.label || '';
    const unread = Number(this.chat.getAttribute('unread'));
    this.#view.lang = words?.tag ?? tag;
    this.#panel.setAttribute('aria-label', label);
    this.#button.setAttribute(
      'aria-label',
      (unread && words && spoken?.name(label, words.unread?.(unread) ?? '')) || label,
    );
    this.#count.textContent = unread > MAX_SHOWN ? `${MAX_SHOWN}+` : unread > 0 ? `${unread}` : '';
  }
}

function isClosable(node: EventTarget): boolean {
  return node instanceof Element && node.matches('dialog, [role=dialog], [role=menu], [role=listbox]');
}

function bubble(): SVGElement {
  const icon = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', BUBBLE);
  icon.setAttribute('viewBox', '0 0 24 24');
  icon.setAttribute('aria-hidden', 'true');
  icon.append(path);
  return icon;
}
