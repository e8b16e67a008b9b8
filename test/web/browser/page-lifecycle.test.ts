import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { browserLifecycle } from '../../../src/web/browser/page-lifecycle.ts';

const events = suite('page events');

/** A browser's window, as far as these events go; those of its document come by here too. */
const window = new EventTarget();
const document = { hidden: false };

events.before(() => {
  Object.assign(globalThis, { document, addEventListener: window.addEventListener.bind(window) });
});

events.after(() => {
  Reflect.deleteProperty(globalThis, 'document');
  Reflect.deleteProperty(globalThis, 'addEventListener');
});

events('tell of the page becoming hidden and visible', () => {
  const heard: string[] = [];
  const stop = browserLifecycle.listen(event => heard.push(event));
  for (const hidden of [true, false]) {
    document.hidden = hidden;
    window.dispatchEvent(new Event('visibilitychange'));
    assert.is(browserLifecycle.hidden, hidden);
  }
  stop();
  assert.equal(heard, ['hidden', 'visible']);
});

events('tell of the network, of waking, and of the back/forward cache', () => {
  const heard: string[] = [];
  const stop = browserLifecycle.listen(event => heard.push(event));
  for (const type of ['resume', 'online', 'offline', 'pagehide', 'pageshow', 'unload', 'beforeunload']) {
    window.dispatchEvent(new Event(type));
  }
  stop();
  assert.equal(heard, ['resume', 'online', 'offline', 'pagehide', 'pageshow']);
});

events('tell nothing any more once stopped', () => {
  const heard: string[] = [];
  browserLifecycle.listen(event => heard.push(event))();
  window.dispatchEvent(new Event('online'));
  window.dispatchEvent(new Event('visibilitychange'));
  assert.equal(heard, []);
});

events.run();
