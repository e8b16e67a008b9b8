import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { local, readStorage, session, storageOf, writeStorage } from '../../../src/web/browser/storage.ts';
import { type DomContext, useDom } from '../../support/dom.ts';

const storage = suite<DomContext>('storage');
useDom(storage);

storage('returns what was stored, and removes an empty value', () => {
  assert.is(readStorage(session, 'draft'), '');
  writeStorage(session, 'draft', 'half a sent');
  assert.is(readStorage(session, 'draft'), 'half a sent');
  assert.is(sessionStorage.getItem('draft'), 'half a sent');
  writeStorage(session, 'draft', '');
  assert.is(sessionStorage.length, 0);
});

storage('keeps what a browser refuses as long as the document, for each area apart', ({ dom }) => {
  dom.refuseStorage();
  assert.is(readStorage(local, 'refused'), '');
  writeStorage(local, 'refused', 'one');
  writeStorage(session, 'refused', 'two');
  assert.is(readStorage(local, 'refused'), 'one');
  assert.is(readStorage(session, 'refused'), 'two');
  writeStorage(local, 'refused', '');
  assert.is(readStorage(local, 'refused'), '');
  assert.is(readStorage(session, 'refused'), 'two');
  writeStorage(session, 'refused', '');
});

storage('keeps what a full storage does not take, and prefers it to the older value there', ({ dom }) => {
  writeStorage(local, 'full', 'old');
  const restore = dom.fillStorage();
  writeStorage(local, 'full', 'new');
  assert.is(readStorage(local, 'full'), 'new');
  restore();
  assert.is(localStorage.getItem('full'), 'old');
  writeStorage(local, 'full', 'newest');
  assert.is(localStorage.getItem('full'), 'newest');
  localStorage.setItem('full', 'from another tab');
  assert.is(readStorage(local, 'full'), 'from another tab', 'nothing is kept that is stored');
});

storage('is the storage of a client, and never throws', ({ dom }) => {
  dom.refuseStorage();
  const { getItem, setItem, removeItem } = storageOf(local);
  assert.is(getItem('outbox'), '');
  setItem('outbox', '[]');
  assert.is(storageOf(local).getItem('outbox'), '[]', 'whoever asks');
  removeItem('outbox');
  assert.is(getItem('outbox'), '');
});

storage.run();
