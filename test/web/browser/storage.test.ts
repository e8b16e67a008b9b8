import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readStorage, writeStorage } from '../../../src/web/browser/storage.ts';

const storage = suite('storage');

function makeStorage(): Storage {
  const items = new Map<string, string>();
  return {
    get length() {
      return items.size;
    },
    key: () => null,
    clear: () => items.clear(),
    getItem: key => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: key => void items.delete(key),
  };
}

storage('returns what was stored, and removes an empty value', () => {
  const storage = makeStorage();
  assert.is(
    readStorage(() => storage, 'draft'),
    '',
  );
  writeStorage(() => storage, 'draft', 'half a sent');
  assert.is(
    readStorage(() => storage, 'draft'),
    'half a sent',
  );
  writeStorage(() => storage, 'draft', '');
  assert.is(storage.length, 0);
});

storage('does not fail in a browser that refuses storage', () => {
  const refuse = (): Storage => {
    throw new Error('SecurityError');
  };
  assert.is(readStorage(refuse, 'draft'), '');
  writeStorage(refuse, 'draft', 'text');
});

storage.run();
