import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadIdentity } from '../../src/web/identity.ts';
import { FakeStore } from './pair.ts';

const identity = suite('identity');

function withStorage(storage: unknown, body: () => void): void {
  Object.defineProperty(globalThis, 'localStorage', { value: storage, configurable: true });
  try {
    body();
  } finally {
    Reflect.deleteProperty(globalThis, 'localStorage');
  }
}

identity('is made once, fit for the wire, and kept relay by relay', () => {
  withStorage(new FakeStore(), () => {
    const first = loadIdentity('https://a.example', '访客', null);
    assert.match(first.key, /^[\w-]{16,128}$/);
    assert.match(first.user, /^访客[1-9]\d{3}$/);
    const again = loadIdentity('https://a.example', 'Guest', null);
    assert.equal([again.key, again.user], [first.key, first.user]);
    assert.is.not(loadIdentity('https://b.example', '访客', null).key, first.key);
  });
});

identity('comes back under the last name, and remembers five', () => {
  withStorage(new FakeStore(), () => {
    const first = loadIdentity('r', '访客', null);
    for (const name of ['a', 'b', 'c', 'b', 'd', 'e', 'f']) first.remember(name);
    assert.equal(first.names(), ['f', 'e', 'd', 'b', 'c']);
    const again = loadIdentity('r', '访客', null);
    assert.is(again.user, 'f');
    assert.equal(again.names(), ['f', 'e', 'd', 'b', 'c']);
    assert.is(loadIdentity('r', '访客', ' wanted ').user, 'wanted');
    assert.is(loadIdentity('r', '访客', '   ').user, 'f');
  });
});

identity('survives storage that throws or holds something else', () => {
  const fail = () => {
    throw new Error('SecurityError');
  };
  withStorage({ getItem: fail, setItem: fail, removeItem: fail }, () => {
    const someone = loadIdentity('r', 'Guest', null);
    someone.remember('a');
    assert.is(someone.names()[0], 'a');
  });
  for (const junk of ['{', '7', '[1, null, "", "ok"]']) {
    const store = new FakeStore();
    store.setItem('heartline-key:r', 'bad key');
    store.setItem('heartline-names:r', junk);
    withStorage(store, () => assert.match(loadIdentity('r', 'Guest', null).key, /^[\w-]{16,128}$/));
  }
});

identity.run();
