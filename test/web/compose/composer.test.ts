import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { button } from '../../../src/web/browser/dom.ts';
import { Composer } from '../../../src/web/compose/composer.ts';
import en from '../../../src/web/i18n/en.ts';
import { type Dom, type DomContext, useDom } from '../../support/dom.ts';

const DRAFT = 'heartline-draft:here';

/** A composer on the page, and a person in front of it. */
class Writer {
  /** What was said and taken. */
  readonly said: string[] = [];
  /** Whether the next message is taken. */
  takes = true;
  readonly composer: Composer;
  readonly #dom: Dom;

  constructor(dom: Dom) {
    this.#dom = dom;
    const say = (message: string) => {
      if (this.takes) this.said.push(message);
      return this.takes;
    };
    this.composer = new Composer(
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

  /** Presses a key in the field; whether the browser may do with it what it does. */
  press(key: string, more: Readonly<Record<string, unknown>> = {}): boolean {
    return !this.#dom.press(this.text, key, more).defaultPrevented;
  }
}

const composer = suite<DomContext>('composer');
useDom(composer);

composer('sends on Enter, without the white space around, and is empty then', ({ dom }) => {
  const writer = new Writer(dom);
  writer.type('  hello\nthere \n');
  assert.not.ok(writer.press('Enter'), 'no line break');
  assert.equal(writer.said, ['hello\nthere']);
  assert.is(writer.text.value, '');
});

composer('breaks the line on Shift+Enter and Alt+Enter, and leaves every other key alone', ({ dom }) => {
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

composer('breaks the line on a touch keyboard, where only Ctrl+Enter and Command+Enter send', ({ dom }) => {
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

composer('sends by its button, and keeps the focus and the keyboard in the field', ({ dom }) => {
  const writer = new Writer(dom);
  writer.composer.focus();
  writer.type('hello');
  assert.ok(dom.fire(writer.send, 'pointerdown').defaultPrevented, 'the focus stays where it is');
  writer.send.click();
  assert.equal(writer.said, ['hello']);
  assert.is(document.activeElement, writer.text);
});

composer('ends a composition before its button sends, so that no letter of it is left out', ({ dom }) => {
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

composer('leaves the focus alone when its button sends and nothing is being composed', ({ dom }) => {
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

composer('asks for a message when there is none but white space', ({ dom }) => {
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

composer('keeps the text and says why when it cannot be taken', ({ dom }) => {
  const writer = new Writer(dom);
  writer.takes = false;
  writer.type('one too many');
  writer.press('Enter');
  assert.is(writer.error, en.full);
  assert.is(writer.text.value, 'one too many');
  assert.is(sessionStorage.getItem(DRAFT), 'one too many');
  writer.takes = true;
  writer.press('Enter');
  assert.equal(writer.said, ['one too many']);
  assert.is(writer.error, '');
});

composer('says at the field why something was refused, until one types again', ({ dom }) => {
  const writer = new Writer(dom);
  writer.composer.fail(en['bad-user']);
  const alert = document.querySelector('[role=alert]');
  assert.is(alert?.textContent, en['bad-user']);
  assert.is(writer.text.getAttribute('aria-describedby'), alert?.id);
  assert.is(writer.text.getAttribute('aria-invalid'), 'true');
  writer.type('x');
  assert.is(writer.error, '');
  assert.not.ok(writer.text.hasAttribute('aria-invalid'));
});

composer('keeps what was typed and not sent across a reload, letter by letter', ({ dom }) => {
  new Writer(dom).type('half a sent');
  const writer = new Writer(dom);
  assert.is(writer.text.value, 'half a sent');
  writer.type('half a sentence');
  assert.is(sessionStorage.getItem(DRAFT), 'half a sentence');
  writer.press('Enter');
  assert.is(sessionStorage.getItem(DRAFT), null);
  assert.is(new Writer(dom).text.value, '');
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

composer('never submits its form, which would load another page', ({ dom }) => {
  const { composer } = new Writer(dom);
  assert.ok(dom.fire(composer.element, 'submit').defaultPrevented);
});

composer('names its field, and lets each text run in its own direction', ({ dom }) => {
  const { text } = new Writer(dom);
  assert.is(text.placeholder, en.composer);
  assert.is(text.getAttribute('aria-label'), en.composer);
  assert.is(text.dir, 'auto');
});

composer('grows with its text where the browser does not do that itself', ({ dom }) => {
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
