import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { browserLifecycle } from '../../../src/web/browser/page-lifecycle.ts';

const lifecycle = suite('page lifecycle');

/** The parts of a browser's window that these events need. It also receives the document's events. */
const window = new EventTarget();
const document = { hidden: false };

lifecycle.before(() => {
  Object.assign(globalThis, { document, addEventListener: window.addEventListener.bind(window) });
});

lifecycle.after(() => {
  Reflect.deleteProperty(globalThis, 'document');
  Reflect.deleteProperty(globalThis, 'addEventListener');
});

lifecycle('reports that the page becomes hidden or visible', () => {
  const events: string[] = [];
  const stop = browserLifecycle.listen(event => events.push(event));
  for (const hidden of [true, false]) {
    document.hidden = hidden;
    window.dispatchEvent(new Event('visibilitychange'));
    assert.is(browserLifecycle.hidden, hidden);
  }
  stop();
  assert.equal(events, ['hidden', 'visible']);
});

lifecycle('reports the network, waking, and the back/forward cache, and never unload', () => {
  const events: string[] = [];
  const stop = browserLifecycle.listen(event => events.push(event));
  for (const type of ['resume', 'online', 'offline', 'pagehide', 'pageshow', 'unload', 'beforeunload']) {
    window.dispatchEvent(new Event(type));
  }
  stop();
  assert.equal(events, ['resume', 'online', 'offline', 'pagehide', 'pageshow']);
});

lifecycle('reports nothing once stopped', () => {
  const events: string[] = [];
  browserLifecycle.listen(event => events.push(event))();
  window.dispatchEvent(new Event('online'));
  window.dispatchEvent(new Event('visibilitychange'));
  assert.equal(events, []);
});

lifecycle.run();
