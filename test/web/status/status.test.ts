import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CLOSE_FORBIDDEN, CLOSE_GARBAGE } from '../../../src/protocol/limits.ts';
import type { ConnectionState } from '../../../src/web/client/client.ts';
import { createStatus, secondsUntil } from '../../../src/web/status/status.ts';
import { type Dom, type DomContext, useDom } from '../../support/dom.ts';
import { en } from '../../support/words.ts';

const status = suite<DomContext>('status');
useDom(status);

const CONNECTING: ConnectionState = { name: 'connecting' };
const CONNECTED: ConnectionState = { name: 'connected' };

/** A status on the page, and how often its button was pressed. */
class Rig {
  retries = 0;
  readonly status = createStatus({ words: en, retry: () => this.retries++ });
  readonly #dom: Dom;

  constructor(dom: Dom) {
    this.#dom = dom;
    document.body.replaceChildren(this.status.element, this.status.now);
  }

  /** Shows that the next attempt comes in `ms`. */
  wait(ms: number): void {
    this.status.show({ name: 'waiting', until: this.#dom.clock.now() + ms });
  }

  get state(): string {
    return document.querySelector('[role=status]')?.textContent ?? '';
  }

  get detail(): string {
    return document.querySelector('.detail')?.textContent ?? '';
  }

  get now(): HTMLButtonElement {
    const now = document.querySelector<HTMLButtonElement>('button.now');
    if (!now) throw new Error('there is no button');
    return now;
  }
}

status('has words for each state, and for the reason of a stop', ({ dom }) => {
  const rig = new Rig(dom);
  const states: [ConnectionState, string][] = [
    [CONNECTING, en.connecting],
    [CONNECTED, en.connected],
    [{ name: 'closed' }, en.closed],
    [{ name: 'stopped', code: CLOSE_FORBIDDEN }, en.stopped],
    [{ name: 'stopped', code: CLOSE_GARBAGE }, en.garbage],
    [{ name: 'stopped', code: 4500 }, en.garbage],
  ];
  for (const [state, words] of states) {
    rig.status.show(state);
    assert.equal([rig.state, rig.detail, rig.now.hidden], [words, '', true]);
    assert.not.ok(document.querySelector('[role=status]')?.classList.contains('unseen'));
  }
});

status('counts down to the next attempt, and announces the loss of the connection once', ({ dom }) => {
  const rig = new Rig(dom);
  rig.status.show(CONNECTED);
  rig.wait(3000);
  const said = document.querySelector('[role=status]')?.firstChild;
  assert.is(rig.state, en.lost);
  assert.is(rig.detail, en.waiting(3));
  dom.clock.wind(1000);
  assert.is(rig.detail, en.waiting(2));
  dom.clock.wind(1000);
  assert.is(rig.detail, en.waiting(1));
  rig.status.show(CONNECTING);
  assert.is(rig.detail, en.reconnecting);
  rig.wait(6000);
  assert.is(rig.detail, en.waiting(6));
  assert.is(document.querySelector('[role=status]')?.firstChild, said, 'a screen reader hears it once');
  assert.ok(document.querySelector('[role=status]')?.classList.contains('unseen'), 'the eye has the countdown');
  rig.status.show(CONNECTED);
  assert.equal([rig.state, rig.detail], [en.connected, '']);
});

status('hides the countdown from screen readers', ({ dom }) => {
  new Rig(dom);
  assert.is(document.querySelector('.detail')?.getAttribute('aria-hidden'), 'true');
});

status('does not report a loss during a first attempt', ({ dom }) => {
  const rig = new Rig(dom);
  rig.status.show(CONNECTING);
  assert.is(rig.state, en.connecting);
  rig.status.show({ name: 'closed' });
  rig.status.show(CONNECTING);
  assert.is(rig.state, en.connecting, 'nor one after disconnecting by hand');
});

status('has a button to reconnect now, only while it waits', ({ dom }) => {
  const rig = new Rig(dom);
  rig.wait(3000);
  assert.not.ok(rig.now.hidden);
  assert.is(rig.now.textContent, en.now);
  rig.now.click();
  assert.is(rig.retries, 1);
  rig.status.show(CONNECTING);
  assert.ok(rig.now.hidden);
});

status('shows the round-trip time of an answered ping', ({ dom }) => {
  const rig = new Rig(dom);
  rig.status.show(CONNECTED);
  rig.status.pong(12.4);
  rig.status.pong(31.6);
  assert.is(rig.detail, '32 ms');
});

status('leaves no timer behind', ({ dom }) => {
  const rig = new Rig(dom);
  rig.wait(3000);
  rig.wait(5000);
  assert.equal(dom.leftovers, ['timer']);
  rig.status.show(CONNECTED);
  assert.equal(dom.leftovers, []);
  rig.wait(3000);
  rig.status.dispose();
  assert.equal(dom.leftovers, []);
});

const countdown = suite('countdown');

countdown('counts whole seconds and never shows 0 or less', () => {
  assert.is(secondsUntil(3000, 0), 3);
  assert.is(secondsUntil(2001, 0), 3);
  assert.is(secondsUntil(2000, 1), 2);
  assert.is(secondsUntil(1000, 1000), 1);
  assert.is(secondsUntil(0, 60_000), 1);
});

status.run();
countdown.run();
