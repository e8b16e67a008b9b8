import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { button } from '../../../src/web/browser/dom.ts';
import { type Composer, createComposer } from '../../../src/web/compose/composer.ts';
import { type Dom, type DomContext, useDom } from '../../support/dom.ts';
import { en } from '../../support/words.ts';

const DRAFT = 'heartline-draft:here';

/** A composer on the page, and its user. */
class Writer {
  /** The accepted messages. */
  readonly said: string[] = [];
  /** Whether the next message is accepted. */
  takes = true;
  readonly composer: Composer;
  readonly #dom: Dom;

  constructor(dom: Dom) {
    this.#dom = dom;
    const say = (message: string) => {
      if (this.takes) this.said.push(message);
      return this.takes ? undefined : () => en.unsent;
    };
    this.composer = createComposer(
      { words: en, say, draft: DRAFT },
      button(en.role, 'role', () => {}),
    );
    document.body.replaceChildren(this.composer.element);
  }

  get text(): HTMLTextAreaElement {
    const text = document.querySelector('textarea');
    if (!text) throw new Error('there is no text field');
    return text;
  }

  get send(): HTMLButtonElement {
    const send = document.querySelector<HTMLButtonElement>('button.send');
    if (!send) throw new Error('there is no send button');
    return send;
  }

  get error(): string {
    return document.querySelector('[role=alert]')?.textContent ?? '';
  }

  type(text: string): void {
    this.text.value = text;
    this.#dom.fire(this.text, 'input');
  }

  /** Presses a key in the field. True if it is left to the browser. */
  press(key: string, more: Readonly<Record<string, unknown>> = {}): boolean {
    return !this.#dom.press(this.text, key, more).defaultPrevented;
  }
}

const composer = suite<DomContext>('composer');
useDom(composer);

composer('sends the text on Enter, and is empty afterwards', ({ dom }) => {
  const writer = new Writer(dom);
  writer.type('hello\nthere \n');
  assert.not.ok(writer.press('Enter'), 'no line break');
  assert.equal(writer.said, ['hello\nthere']);
  assert.is(writer.text.value, '');
});

composer('sends no blank lines around a text, but the indentation of its first line', ({ dom }) => {
  const writer = new Writer(dom);
  for (const text of ['  if (x)\n    y();', '\n \n  if (x)\n    y();\n\n \t', '  if (x)\n    y();   ']) {
    writer.type(text);
    writer.press('Enter');
    assert.is(writer.said.pop(), '  if (x)\n    y();');
  }
});

composer('sends once while Enter is held, and does not complain about the empty field', ({ dom }) => {
  const writer = new Writer(dom);
  writer.type('hello');
  writer.press('Enter');
  for (let count = 0; count < 3; count++) assert.not.ok(writer.press('Enter', { repeat: true }), 'no line break');
  assert.equal(writer.said, ['hello']);
  assert.is(writer.error, '');
});

composer('leaves Shift+Enter, Alt+Enter and every other key to the browser', ({ dom }) => {
  const writer = new Writer(dom);
  writer.type('hello');
  assert.ok(writer.press('Enter', { shiftKey: true }));
  assert.ok(writer.press('Enter', { altKey: true }));
  for (const key of ['a', 'Escape', 'Tab', 'ArrowUp']) assert.ok(writer.press(key), key);
  assert.equal(writer.said, []);
  assert.is(writer.text.value, 'hello');
});

composer('does not send on the Enter that ends a composition', ({ dom }) => {
  const writer = new Writer(dom);
  writer.type('你好');
  assert.ok(writer.press('Enter', { isComposing: true, keyCode: 229 }), 'Chromium and Firefox');
  assert.ok(writer.press('Enter', { keyCode: 229 }), 'Safari, after the compositionend');
  assert.ok(writer.press('Enter', { isComposing: true, keyCode: 13 }), 'input methods that show the key');
  assert.equal(writer.said, []);
  writer.press('Enter', { keyCode: 13 });
  assert.equal(writer.said, ['你好']);
});

composer('sends only on Ctrl+Enter and Command+Enter on a touch device, where Enter breaks the line', ({ dom }) => {
  dom.touch = true;
  const writer = new Writer(dom);
  writer.type('one');
  assert.ok(writer.press('Enter'));
  assert.equal(writer.said, []);
  assert.not.ok(writer.press('Enter', { ctrlKey: true }));
  writer.type('two');
  assert.not.ok(writer.press('Enter', { metaKey: true }));
  assert.equal(writer.said, ['one', 'two']);
});

composer('tells the on-screen keyboard what Enter does', ({ dom }) => {
  assert.is(new Writer(dom).text.getAttribute('enterkeyhint'), 'send');
  dom.touch = true;
  assert.is(new Writer(dom).text.getAttribute('enterkeyhint'), 'enter');
});

composer('sends by its button, and keeps the focus in the field', ({ dom }) => {
  const writer = new Writer(dom);
  writer.composer.focus();
  writer.type('hello');
  assert.ok(dom.fire(writer.send, 'pointerdown').defaultPrevented, 'the focus stays where it is');
  writer.send.click();
  assert.equal(writer.said, ['hello']);
  assert.is(document.activeElement, writer.text);
});

composer('commits a composition before its button sends', ({ dom }) => {
  const writer = new Writer(dom);
  writer.type('ni');
  dom.fire(writer.text, 'compositionstart');
  writer.text.focus();
  writer.text.addEventListener('blur', () => {
    writer.type('你');
    dom.fire(writer.text, 'compositionend');
  });
  writer.send.click();
  assert.equal(writer.said, ['你']);
  assert.is(document.activeElement, writer.text);
});

composer('does not move the focus when its button sends and nothing is being composed', ({ dom }) => {
  const writer = new Writer(dom);
  writer.text.focus();
  dom.fire(writer.text, 'compositionstart');
  dom.fire(writer.text, 'compositionend');
  let blurs = 0;
  writer.text.addEventListener('blur', () => blurs++);
  writer.type('hello');
  writer.send.click();
  assert.equal(writer.said, ['hello']);
  assert.is(blurs, 0, 'the keyboard of a phone would go and come');
});

composer('asks for a message when there is only white space', ({ dom }) => {
  const writer = new Writer(dom);
  for (const blank of ['', '  \n\t']) {
    writer.type(blank);
    writer.press('Enter');
    assert.is(writer.error, en.blank);
    writer.send.click();
    assert.is(writer.error, en.blank);
    assert.is(writer.text.value, blank);
  }
  assert.equal(writer.said, []);
});

composer('keeps the text and says why when the message is not accepted', ({ dom }) => {
  const writer = new Writer(dom);
  writer.takes = false;
  writer.type('one too many');
  writer.press('Enter');
  assert.is(writer.error, en.unsent);
  assert.is(writer.text.value, 'one too many');
  assert.match(localStorage.getItem(DRAFT) ?? '', /^\d+ one too many$/);
  writer.takes = true;
  writer.press('Enter');
  assert.equal(writer.said, ['one too many']);
  assert.is(writer.error, '');
});

composer('shows why something was refused, until the user types again', ({ dom }) => {
  const writer = new Writer(dom);
  writer.composer.fail(() => en['bad-user']);
  const alert = document.querySelector('[role=alert]');
  assert.is(alert?.textContent, en['bad-user']);
  assert.is(writer.text.getAttribute('aria-describedby'), alert?.id);
  assert.is(writer.text.getAttribute('aria-invalid'), 'true');
  writer.type('x');
  assert.is(writer.error, '');
  assert.not.ok(writer.text.hasAttribute('aria-invalid'));
});

composer('stores unsent text, with the time of its last change', ({ dom }) => {
  const writer = new Writer(dom);
  dom.clock.wind(5000);
  writer.type('half a sent');
  assert.is(localStorage.getItem(DRAFT), `${dom.clock.now()} half a sent`);
  dom.clock.wind(1000);
  writer.type('half a sentence\n');
  assert.is(localStorage.getItem(DRAFT), `${dom.clock.now()} half a sentence\n`);
  writer.press('Enter');
  assert.is(localStorage.getItem(DRAFT), null);
});

composer('keeps its keys from the host page', ({ dom }) => {
  const writer = new Writer(dom);
  const heard: string[] = [];
  const stop = new AbortController();
  for (const type of ['keydown', 'keypress', 'keyup']) {
    document.addEventListener(type, () => heard.push(type), { signal: stop.signal });
    dom.fire(writer.text, type, { key: '/' });
    dom.fire(writer.send, type, { key: ' ' });
  }
  stop.abort();
  assert.equal(heard, []);
});

composer('works in a browser that refuses storage', ({ dom }) => {
  dom.refuseStorage();
  const writer = new Writer(dom);
  assert.is(writer.text.value, '');
  writer.type('hello');
  writer.press('Enter');
  assert.equal(writer.said, ['hello']);
  assert.is(writer.text.value, '');
});

composer('never submits its form', ({ dom }) => {
  const { composer } = new Writer(dom);
  assert.ok(dom.fire(composer.element, 'submit').defaultPrevented);
});

composer('has a label, and shows a text in its own direction', ({ dom }) => {
  const { text } = new Writer(dom);
  assert.is(text.placeholder, en.composer);
  assert.is(text.getAttribute('aria-label'), en.composer);
  assert.is(text.dir, 'auto');
});

composer('grows with its text in a browser without field-sizing', ({ dom }) => {
  for (const [fieldSizing, height] of [
    [true, ''],
    [false, '72px'],
  ] as const) {
    dom.fieldSizing = fieldSizing;
    const writer = new Writer(dom);
    Object.defineProperty(writer.text, 'scrollHeight', { value: 72 });
    writer.type('one\ntwo\nthree');
    assert.is(writer.text.style.height, height);
  }
});

composer.run();
