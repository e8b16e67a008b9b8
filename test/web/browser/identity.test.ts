import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadIdentity, page } from '../../../src/web/browser/identity.ts';
import { FakeStorage } from '../../support/pair.ts';

const identity = suite('identity');
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

identity('has the name used last, and stores the last five', () => {
  withStorage(new FakeStorage(), () => {
    const first = loadIdentity('r', 'wss://r', guest, null);
    for (const name of ['a', 'b', 'c', 'b', 'd', 'e', 'f']) first.remember(name);
    assert.equal(first.names(), ['f', 'e', 'd', 'b', 'c']);
    const again = loadIdentity('r', 'wss://r', guest, null);
    assert.is(again.user, 'f');
    assert.equal(again.names(), ['f', 'e', 'd', 'b', 'c']);
    assert.is(loadIdentity('r', 'wss://r', guest, ' wanted ').user, 'wanted');
    assert.is(loadIdentity('r', 'wss://r', guest, '   ').user, 'f');
  });
});

identity('keeps the name of a tab when it is reloaded, and gives a new tab the name used last', () => {
  const local = new FakeStorage();
  const one = new FakeStorage();
  const other = new FakeStorage();
  withStorage(local, () => loadIdentity('r', 'wss://r', guest, null).remember('a'), one);
  withStorage(local, () => loadIdentity('r', 'wss://r', guest, null).remember('b'), other);
  withStorage(local, () => assert.is(loadIdentity('r', 'wss://r', guest, null).user, 'a'), one);
  withStorage(local, () => assert.is(loadIdentity('r', 'wss://r', guest, null).user, 'b'), other);
  withStorage(local, () => assert.is(loadIdentity('r', 'wss://r', guest, null).user, 'b'));
});

identity('is to be decided if another page is the browser’s person, or the tab was another one, unless given', () => {
  const load = (wanted: string | null = null) => loadIdentity('r', 'wss://r', guest, wanted);
  const storage = new FakeStorage();
  const tab = new FakeStorage();
  withStorage(
    storage,
    () => {
      assert.not.ok(load().undecided);
      storage.setItem('heartline-holder:wss://r', page);
      assert.not.ok(load().undecided);
      storage.setItem('heartline-holder:wss://r', 'another');
      assert.ok(load().undecided);
      assert.ok(load(' ').undecided);
      assert.not.ok(load('Ann').undecided);
      storage.removeItem('heartline-holder:wss://r');
      tab.setItem('heartline-person:r', 'a-key-of-sixteen-or-more');
      assert.ok(load().undecided);
      assert.not.ok(load('Ann').undecided);
    },
    tab,
  );
});

identity('of another person has its own key and name, and leaves the browser’s person its name', () => {
  const storage = new FakeStorage();
  const tab = new FakeStorage();
  withStorage(storage, () => loadIdentity('r', 'wss://r', guest, null).remember('first'));
  withStorage(
    storage,
    () => {
      const other = loadIdentity('r', 'wss://r', guest, null);
      const { key } = other;
      other.become('a-key-of-sixteen-or-more');
      assert.is(other.key, 'a-key-of-sixteen-or-more');
      other.remember('Bob');
      other.remember('Bea');
      assert.equal(other.names().slice(0, 3), ['first', 'Bea', 'Bob']);
      tab.setItem('heartline-person:r', 'a-key-of-sixteen-or-more');
      assert.is(loadIdentity('r', 'wss://r', guest, null).user, 'Bea', 'after a reload');
      assert.is(loadIdentity('r', 'wss://r', guest, 'given').key, key);
    },
    tab,
  );
  withStorage(storage, () => assert.is(loadIdentity('r', 'wss://r', guest, null).user, 'first'));
});

identity('works with storage that throws or contains something unreadable', () => {
  const fail = () => {
    throw new Error('SecurityError');
  };
  const failing = { getItem: fail, setItem: fail, removeItem: fail };
  const body = () => {
    const someone = loadIdentity('r', 'wss://r', guest, null);
    someone.remember('a');
    assert.is(someone.names()[0], 'a');
  };
  withStorage(failing, body, failing);
  for (const junk of ['{', '7', '[1, null, "", "ok"]']) {
    const storage = new FakeStorage();
    storage.setItem('heartline-key:r', 'bad key');
    storage.setItem('heartline-names:r', junk);
    withStorage(storage, () => assert.match(loadIdentity('r', 'wss://r', guest, null).key, /^[\w-]{16,128}$/));
  }
});

identity.run();
