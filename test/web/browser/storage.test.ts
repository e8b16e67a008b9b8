/** Storage that throws costs what was kept, and nothing else. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readStorage, writeStorage } from '../../../src/web/browser/storage.ts';

const kept = suite('kept');

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

kept('gives back what it was given, and empty is gone', () => {
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

kept('does not mind a browser that refuses storage', () => {
  const refuse = (): Storage => {
    throw new Error('SecurityError');
  };
  assert.is(readStorage(refuse, 'draft'), '');
  writeStorage(refuse, 'draft', 'text');
});

kept.run();
