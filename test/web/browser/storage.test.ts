import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { local, session } from '../../../src/web/browser/storage.ts';
import { type DomContext, useDom } from '../../support/dom.ts';

const storage = suite<DomContext>('storage');
useDom(storage);

storage('returns what was stored, and removes an empty value', () => {
  assert.is(session.getItem('draft'), '');
  session.setItem('draft', 'half a sent');
  assert.is(session.getItem('draft'), 'half a sent');
  assert.is(sessionStorage.getItem('draft'), 'half a sent');
  assert.is(local.getItem('draft'), '');
  session.setItem('draft', '');
  assert.is(sessionStorage.length, 0);
  session.setItem('draft', 'again');
  session.removeItem('draft');
  assert.is(sessionStorage.length, 0);
});

storage('keeps what a browser refuses as long as the document, for each area apart', ({ dom }) => {
  dom.refuseStorage();
  assert.is(local.getItem('refused'), '');
  local.setItem('refused', 'one');
  session.setItem('refused', 'two');
  assert.is(local.getItem('refused'), 'one');
  assert.is(session.getItem('refused'), 'two');
  local.removeItem('refused');
  assert.is(local.getItem('refused'), '');
  assert.is(session.getItem('refused'), 'two');
  session.removeItem('refused');
});

storage('keeps what a full storage does not take, and prefers it to the older value there', ({ dom }) => {
  local.setItem('full', 'old');
  const restore = dom.fillStorage();
  local.setItem('full', 'new');
  assert.is(local.getItem('full'), 'new');
  restore();
  assert.is(localStorage.getItem('full'), 'old');
  assert.is(local.getItem('full'), 'new');
  local.setItem('full', 'newest');
  assert.is(localStorage.getItem('full'), 'newest');
  localStorage.setItem('full', 'from another tab');
  assert.is(local.getItem('full'), 'from another tab', 'nothing is kept that is stored');
});

storage.run();
