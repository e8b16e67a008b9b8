import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import watchPolicy from '../../../../src/web/lazy/enhancements/policy.ts';
import { type DomContext, useDom } from '../../../support/dom.ts';

const policy = suite<DomContext>('policy');
useDom(policy);

const URL = 'wss://relay.example/rooms/tea';

policy('is told of its connection once, however the browser names it', ({ dom }) => {
  for (const blockedURI of [URL, 'wss://relay.example', 'wss']) {
    let times = 0;
    watchPolicy(URL, () => times++);
    for (let event = 0; event < 2; event++) {
      dom.fire(document, 'securitypolicyviolation', { effectiveDirective: 'connect-src', blockedURI });
    }
    assert.is(times, 1, blockedURI);
    assert.equal(dom.leftovers, []);
  }
});

policy('is not told of anything else that the page forbids', ({ dom }) => {
  let times = 0;
  const stop = watchPolicy(URL, () => times++);
  for (const [effectiveDirective, blockedURI] of [
    ['connect-src', 'https://relay.example/rooms/tea/messages'],
    ['connect-src', 'wss://elsewhere.example/'],
    ['connect-src', ''],
    ['connect-src', 'inline'],
    ['style-src-attr', URL],
    ['img-src', 'wss'],
  ]) {
    dom.fire(document, 'securitypolicyviolation', { effectiveDirective, blockedURI });
  }
  stop();
  dom.fire(document, 'securitypolicyviolation', { effectiveDirective: 'connect-src', blockedURI: URL });
  assert.is(times, 0);
  assert.equal(dom.leftovers, []);
});

policy.run();
