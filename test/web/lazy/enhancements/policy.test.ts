import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import watchPolicy from '../../../../src/web/lazy/enhancements/policy.ts';
import { type DomContext, useDom } from '../../../support/dom.ts';

const policy = suite<DomContext>('policy');
useDom(policy);

const URL = 'wss://relay.example/rooms/tea';

const SCRIPT = 'https://relay.example/chunks/policy.js';

/** What a browser reports when the page's policy forbids a connection of the element's script. */
const REPORT = {
  effectiveDirective: 'connect-src',
  disposition: 'enforce',
  blockedURI: URL,
  sourceFile: 'https://relay.example/chat.js',
};

policy('is told of its connection once, however the browser names it', ({ dom }) => {
  for (const report of [
    REPORT,
    { ...REPORT, sourceFile: '' },
    { ...REPORT, blockedURI: 'wss://relay.example' },
    { ...REPORT, blockedURI: 'wss' },
    { ...REPORT, blockedURI: 'wss', sourceFile: 'https://relay.example' },
  ]) {
    let times = 0;
    watchPolicy(URL, () => times++, SCRIPT);
    for (let event = 0; event < 2; event++) dom.fire(document, 'securitypolicyviolation', report);
    assert.is(times, 1, JSON.stringify(report));
    assert.equal(dom.leftovers, []);
  }
});

policy('is not told of anything else that the page forbids, nor of what it only reports', ({ dom }) => {
  let times = 0;
  const stop = watchPolicy(URL, () => times++, SCRIPT);
  for (const other of [
    { disposition: 'report' },
    { blockedURI: 'https://relay.example/rooms/tea/messages' },
    { blockedURI: 'wss://elsewhere.example/' },
    { blockedURI: 'wss://relay.example/rooms/t' },
    { blockedURI: '' },
    { blockedURI: 'inline' },
    { effectiveDirective: 'style-src-attr' },
    { effectiveDirective: 'img-src', blockedURI: 'wss' },
  ]) {
    dom.fire(document, 'securitypolicyviolation', { ...REPORT, ...other });
    assert.is(times, 0, JSON.stringify(other));
  }
  // Only the scheme, and not from the element's script: it may be anyone's connection.
  for (const sourceFile of ['', 'https://shop.example/app.js', 'https://relay.example.net/app.js', 'inline']) {
    dom.fire(document, 'securitypolicyviolation', { ...REPORT, blockedURI: 'wss', sourceFile });
    assert.is(times, 0, sourceFile);
  }
  stop();
  dom.fire(document, 'securitypolicyviolation', REPORT);
  assert.is(times, 0);
  assert.equal(dom.leftovers, []);
});

policy.run();
