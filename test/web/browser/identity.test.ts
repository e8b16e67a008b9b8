import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadIdentity, page } from '../../../src/web/browser/identity.ts';
import { FakeStorage } from '../../support/pair.ts';

const identity = suite('identity');
const NAMES = 'heartline-names:r';
const guest = (number: number) => `访客${number}`;

/** Runs `body` in a tab of a browser with `local` storage for all tabs and `session` storage for this one. */
function withStorage(local: unknown, body: () => void, session: unknown = new FakeStorage()): void {
  Object.defineProperty(globalThis, 'localStorage', { value: local, configurable: true });
  Object.defineProperty(globalThis, 'sessionStorage', { value: session, configurable: true });
  try {
    body();
  } finally {
    Reflect.deleteProperty(globalThis, 'localStorage');
    Reflect.deleteProperty(globalThis, 'sessionStorage');
  }
}

identity('is created once for each relay, with a valid key', () => {
  withStorage(new FakeStorage(), () => {
    const first = loadIdentity('https://a.example', 'wss://r', guest, null);
    assert.match(first.key, /^[\w-]{16,128}$/);
    assert.match(first.user, /^访客[1-9]\d{3}$/);
    const again = loadIdentity('https://a.example', 'wss://r', guest, null);
    assert.equal([again.key, again.user], [first.key, first.user]);
    assert.is.not(loadIdentity('https://b.example', 'wss://r', guest, null).key, first.key);
  });
});

identity('keeps its guest name where the wanted name cannot be one', () => {
  for (const wanted of [' ', 'x'.repeat(33)]) {
    withStorage(new FakeStorage(), () => {
      const { user } = loadIdentity('r', 'wss://r', guest, wanted);
      for (let count = 0; count < 3; count++) assert.is(loadIdentity('r', 'wss://r', guest, wanted).user, user);
    });
  }
});

identity('has the name used last, or a given one', () => {
  const storage = new FakeStorage();
  storage.setItem(NAMES, JSON.stringify(['f', 'e']));
  const load = (wanted: string | null) => loadIdentity('r', 'wss://r', guest, wanted).user;
  withStorage(storage, () => {
    assert.is(load(null), 'f');
    assert.is(load(' wanted '), 'wanted');
    assert.is(load('   '), 'f');
  });
  assert.equal(JSON.parse(storage.getItem(NAMES) ?? ''), ['f', 'e']);
});

identity('keeps the name of a tab when it is reloaded, and gives a new tab the name used last', () => {
  const browser = new FakeStorage();
  const one = new FakeStorage();
  const load = () => loadIdentity('r', 'wss://r', guest, null).user;
  withStorage(browser, () => assert.match(load(), /^访客/), one);
  browser.setItem(NAMES, JSON.stringify(['b', 'a']));
  withStorage(browser, () => assert.match(load(), /^访客/), one);
  withStorage(browser, () => assert.is(load(), 'b'));
});

identity('is to be decided if another page is the browser’s person, or the tab was another one, unless given', () => {
  const load = (wanted: string | null = null) => loadIdentity('r', 'wss://r', guest, wanted);
  const browser = new FakeStorage();
  const tab = new FakeStorage();
  withStorage(
    browser,
    () => {
      assert.not.ok(load().undecided);
      browser.setItem('heartline-holder:wss://r', page);
      assert.not.ok(load().undecided);
      browser.setItem('heartline-holder:wss://r', 'another');
      assert.ok(load().undecided);
      assert.ok(load(' ').undecided);
      assert.not.ok(load('Ann').undecided);
      browser.removeItem('heartline-holder:wss://r');
      tab.setItem('heartline-person:r', 'a-key-of-sixteen-or-more');
      assert.ok(load().undecided);
      assert.not.ok(load('Ann').undecided);
    },
    tab,
  );
});

identity('works with storage that throws or contains something unreadable', () => {
  const fail = () => {
    throw new Error('SecurityError');
  };
  const failing = { getItem: fail, setItem: fail, removeItem: fail };
  withStorage(
    failing,
    () => {
      const load = () => loadIdentity('failing', 'wss://failing', guest, null);
      assert.equal(load(), load(), 'as long as the document');
    },
    failing,
  );
  for (const junk of ['{', '7', 'null', '{}', '[1, null, "", "ok"]']) {
    const storage = new FakeStorage();
    storage.setItem('heartline-key:r', 'bad key');
    storage.setItem(NAMES, junk);
    withStorage(storage, () => {
      const { key, user } = loadIdentity('r', 'wss://r', guest, null);
      assert.match(key, /^[\w-]{16,128}$/);
      assert.match(user, junk.includes('ok') ? /^ok$/ : /^访客/, junk);
    });
  }
});

identity.run();
