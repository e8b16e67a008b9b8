import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MAX_USER_LENGTH } from '../../../src/protocol/limits.ts';
import { cleanUser } from '../../../src/protocol/names.ts';
import { button, element } from '../../../src/web/browser/dom.ts';
import { local, session } from '../../../src/web/browser/storage.ts';
import { createFieldError } from '../../../src/web/compose/field-error.ts';
import { type Dom, type DomContext, useDom } from '../../support/dom.ts';
import { en } from '../../support/words.ts';

const renaming = suite<DomContext>('rename dialog');
useDom(renaming);

const NAMES = 'heartline-names:r';

/** An open dialog for a user of this name. */
class Rig {
  /** The accepted names. */
  readonly taken: string[] = [];
  readonly #dom: Dom;

  private constructor(dom: Dom) {
    this.#dom = dom;
  }

  static async open(
    dom: Dom,
    user = 'Ann',
    names: readonly unknown[] = ['Ann', 'Bea', 'Cat'],
    key = 'the browser’s',
  ): Promise<Rig> {
    const rig = new Rig(dom);
    if (names.length > 0) localStorage.setItem(NAMES, JSON.stringify(names));
    localStorage.setItem('heartline-key:r', 'the browser’s');
    // Only a window has the style sheets that the module makes.
    const { default: mount } = await import('../../../src/web/lazy/rename-dialog.ts');
    const context: Parameters<typeof mount>[0] = {
      words: en,
      relay: 'r',
      identity: { key },
      client: { user, rename: name => rig.taken.push(name) },
      composer: { focus: () => {}, fail: () => {} },
      local,
      session,
      maxLength: MAX_USER_LENGTH,
      element,
      button,
      cleanUser,
      createFieldError,
    };
    mount(context, document.body);
    return rig;
  }

  get isOpen(): boolean {
    return document.querySelector('dialog')?.open ?? false;
  }

  get field(): HTMLInputElement {
    const field = document.querySelector('input');
    if (!field) throw new Error('there is no field');
    return field;
  }

  get error(): string {
    return document.querySelector('[role=alert]')?.textContent ?? '';
  }

  get buttons(): string[] {
    return [...document.querySelectorAll('button')].map(button => button.textContent);
  }

  press(words: string): void {
    const button = [...document.querySelectorAll('button')].find(button => button.textContent === words);
    if (!button) throw new Error(`there is no button ${words}`);
    button.click();
  }

  /** Enters a name as Enter does it. */
  enter(name: string): void {
    this.field.value = name;
    this.#dom.press(this.field, 'Enter');
  }
}

renaming('opens with the present name selected', async ({ dom }) => {
  const { field, isOpen } = await Rig.open(dom, 'Ann');
  assert.ok(isOpen);
  assert.is(field.value, 'Ann');
  assert.equal([field.selectionStart, field.selectionEnd], [0, 3]);
});

renaming('has a title and a label for screen readers', async ({ dom }) => {
  const { field } = await Rig.open(dom);
  const heading = document.querySelector('h2');
  assert.is(heading?.textContent, en.role);
  assert.is(document.querySelector('dialog')?.getAttribute('aria-labelledby'), heading?.id);
  const label = document.querySelector('label');
  assert.equal([label?.textContent, label?.htmlFor], [en.name, field.id]);
});

renaming('accepts a name without its control characters and outer white space', async ({ dom }) => {
  const go = () => dom.fire(document.querySelector('form'), 'submit');
  for (const enter of [(rig: Rig) => rig.enter(' Be\u0007a '), press, submit]) {
    const rig = await Rig.open(dom);
    enter(rig);
    assert.equal(rig.taken, ['Bea']);
    assert.not.ok(rig.isOpen);
  }
  function press(rig: Rig): void {
    rig.field.value = 'Bea ';
    rig.press(en.save);
  }
  function submit(rig: Rig): void {
    rig.field.value = 'Bea';
    assert.ok(go().defaultPrevented, 'the keyboard of a phone may do so');
  }
});

renaming('stays open and says what a name may be when it is not valid', async ({ dom }) => {
  for (const name of ['', '   ', '\u200b', 'x'.repeat(MAX_USER_LENGTH + 1)]) {
    const rig = await Rig.open(dom);
    rig.enter(name);
    assert.ok(rig.isOpen, JSON.stringify(name));
    assert.is(rig.error, en.badName);
    assert.is(rig.field.getAttribute('aria-invalid'), 'true');
    assert.equal(rig.taken, []);
    rig.enter('Bea');
    assert.equal(rig.taken, ['Bea']);
  }
});

renaming('accepts the longest name, of any characters', async ({ dom }) => {
  const rig = await Rig.open(dom);
  const name = '👩'.repeat(MAX_USER_LENGTH);
  assert.ok(rig.field.maxLength >= name.length);
  rig.enter(name);
  assert.equal(rig.taken, [name]);
});

renaming('stores the last five names, and the tab’s own', async ({ dom }) => {
  let names: readonly string[] = [];
  for (const name of ['a', 'b', 'c', 'b', 'd', 'e', 'f']) {
    const rig = await Rig.open(dom, 'Ann', names);
    rig.field.value = name;
    rig.press(en.save);
    names = JSON.parse(localStorage.getItem(NAMES) ?? '');
    assert.is(sessionStorage.getItem(NAMES), name);
  }
  assert.equal(names, ['f', 'e', 'd', 'b', 'c']);
});

renaming('of another person leaves the first name to the browser’s', async ({ dom }) => {
  const rig = await Rig.open(dom, 'Guest 1234', ['Ann', 'Bea'], 'another');
  rig.press('Bea');
  assert.equal(JSON.parse(localStorage.getItem(NAMES) ?? ''), ['Ann', 'Bea']);
  (await Rig.open(dom, 'Bea', ['Ann', 'Bea'], 'another')).field.value = 'Cat';
  rig.press(en.save);
  assert.equal(JSON.parse(localStorage.getItem(NAMES) ?? ''), ['Ann', 'Cat', 'Bea']);
  assert.is(sessionStorage.getItem(NAMES), 'Cat');
});

renaming('offers no stored value that is not a name', async ({ dom }) => {
  const rig = await Rig.open(dom, 'Ann', [1, null, '', 'x'.repeat(33), 'ok']);
  assert.equal(rig.buttons, ['ok', en.cancel, en.save]);
  localStorage.setItem(NAMES, '{');
  assert.equal((await Rig.open(dom, 'Ann', [])).buttons.slice(-2), [en.cancel, en.save]);
});

renaming('offers the earlier names except the present one, each as a button', async ({ dom }) => {
  const rig = await Rig.open(dom, 'Bea');
  assert.equal(rig.buttons, ['Ann', 'Cat', en.cancel, en.save]);
  rig.press('Cat');
  assert.equal(rig.taken, ['Cat']);
  assert.not.ok(rig.isOpen);
});

renaming('changes nothing when cancelled', async ({ dom }) => {
  const rig = await Rig.open(dom);
  rig.field.value = 'Bea';
  rig.press(en.cancel);
  assert.not.ok(rig.isOpen);
  assert.equal(rig.taken, []);
});

renaming('does not accept the name on the Enter that ends a composition, or opened the dialog', async ({ dom }) => {
  const rig = await Rig.open(dom);
  for (const more of [{ isComposing: true }, { keyCode: 229 }, { repeat: true }]) {
    assert.ok(dom.press(rig.field, 'Enter', more).defaultPrevented, 'nor does the form');
    assert.equal(rig.taken, []);
  }
  assert.not.ok(dom.press(rig.field, 'a').defaultPrevented);
  dom.press(rig.field, 'Enter', { keyCode: 13 });
  assert.equal(rig.taken, ['Ann']);
});

renaming('submits no form, which a sandbox may forbid', async ({ dom }) => {
  const rig = await Rig.open(dom);
  assert.is(document.querySelector('dialog button:not([type=button])'), null);
  assert.ok(dom.press(rig.field, 'Enter').defaultPrevented);
});

renaming('is removed when it is closed, and when it is disposed of', async ({ dom }) => {
  (await Rig.open(dom)).press(en.cancel);
  assert.is(document.querySelector('dialog'), null);
});

renaming.run();
