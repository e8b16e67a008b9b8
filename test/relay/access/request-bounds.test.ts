import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { networksOf } from '../../../src/relay/access/address.ts';
import { FEW_ANSWERS, HISTORY_COST, MAX_ANSWERS, MAX_ANSWERS_IN_ALL } from '../../../src/relay/access/http-limits.ts';
import { RequestBounds } from '../../../src/relay/access/request-bounds.ts';

const bounds = suite('access/request-bounds');

const SCHOOL = networksOf('192.0.2.1');
const OTHER = networksOf('192.0.2.2');

/** How many of so many requests at once are refused, if each is answered at once. */
function refused(bounds: RequestBounds, requests: number, networks = SCHOOL, cost = 1, now = 0): number {
  let count = 0;
  for (let at = 0; at < requests; at++) {
    if (bounds.enter(networks, cost, now)) count += 1;
    bounds.leave(networks);
  }
  return count;
}

bounds('refuses nothing to a school class that opens the page at once behind one address, and scrolls back', () => {
  const bounds = new RequestBounds(200);
  let failures = 0;
  for (let pupil = 0; pupil < 30; pupil++) {
    failures += bounds.enterHandshake(SCHOOL, 0) ? 1 : 0;
    // The document, the script, its chunks, icon and manifest, and the newest page of the log.
    failures += refused(bounds, 12) + refused(bounds, 1, SCHOOL, HISTORY_COST);
  }
  for (let second = 1; second <= 60; second++) failures += refused(bounds, 6, SCHOOL, HISTORY_COST, second * 1000);
  assert.is(failures, 0);
});

bounds('limits the requests of an address, and no other address', () => {
  const bounds = new RequestBounds(200);
  assert.is(refused(bounds, 1200), 200);
  const refusal = bounds.enter(SCHOOL, 1, 0);
  assert.equal([refusal?.code, refusal?.status, refusal?.retryMs], ['too-fast', 429, 20]);
  bounds.leave(SCHOOL);
  assert.is(refused(bounds, 100, SCHOOL, 1, 1000), 50, 'after a second');
  assert.is(refused(bounds, 1000, OTHER), 0);
});

bounds('limits handshakes together with requests', () => {
  const bounds = new RequestBounds(200);
  const codes = Array.from({ length: 1100 }, () => {
    const refusal = bounds.enterHandshake(SCHOOL, 0);
    bounds.leaveHandshake(SCHOOL);
    return refusal?.code;
  });
  assert.is(codes.filter(code => code === 'too-fast').length, 100);
  assert.is(refused(bounds, 1), 1);
});

bounds('limits what is under way to an address, and in all', () => {
  const bounds = new RequestBounds(200);
  const refusals = Array.from({ length: 60 }, () => bounds.enter(SCHOOL, 1, 0));
  assert.is(refusals.filter(refusal => refusal?.code === 'too-many').length, 10);
  for (let at = 0; at < 60; at++) bounds.leave(SCHOOL);
  assert.is(bounds.enter(SCHOOL, 1, 0), undefined);
  const handshakes = Array.from({ length: 210 }, () => bounds.enterHandshake(OTHER, 0)?.code);
  assert.equal(handshakes.slice(199, 201), [undefined, 'too-many']);
});

bounds('limits what is under way in all, but leaves something to those who have little', () => {
  const bounds = new RequestBounds(200);
  for (let at = 0; at < MAX_ANSWERS; at++) bounds.enter(networksOf(`198.51.100.${at % 6}`), 1, 0);
  assert.is(bounds.enter(networksOf('198.51.100.0'), 1, 0)?.status, 503);
  const newcomer = () => bounds.enter(SCHOOL, 1, 0)?.status;
  assert.equal(Array.from({ length: FEW_ANSWERS + 1 }, newcomer), [...Array(FEW_ANSWERS).fill(undefined), 503]);
  let answered = 0;
  while (bounds.enter(networksOf(`203.0.${answered >> 8}.${answered & 255}`), 1, 0) === undefined) answered++;
  assert.ok(answered < MAX_ANSWERS_IN_ALL, `${answered}`);
  assert.ok(answered > MAX_ANSWERS_IN_ALL - MAX_ANSWERS - 20, `${answered}`);
});

bounds('limits what is under way in all if addresses have no limits, and so may all be the same', () => {
  const bounds = new RequestBounds(0);
  const all = Array.from({ length: 300 }, () => bounds.enter(SCHOOL, 1, 0));
  assert.is(
    all.findIndex(refusal => refusal?.status === 503),
    MAX_ANSWERS,
  );
});

bounds('leaves a site no more than a quarter of all answers', () => {
  const bounds = new RequestBounds(200);
  const codes = Array.from(
    { length: 100 },
    (_, at) => bounds.enter(networksOf(`2001:db8:1:${at % 50}::1`), 1, 0)?.code,
  );
  assert.is(codes.filter(code => code === undefined).length, MAX_ANSWERS / 4);
  assert.is(bounds.enter(networksOf('2001:db8:2::1'), 1, 0), undefined);
});

bounds('allows a site ten times as much as a subscriber', () => {
  const bounds = new RequestBounds(200);
  let failures = 0;
  for (let at = 0; at < 16; at++) failures += refused(bounds, 1000, networksOf(`2001:db8:1:${at.toString(16)}::1`));
  assert.is(failures, 6000);
});

bounds('allows more if more connections are allowed, and anything if they are not limited', () => {
  assert.is(refused(new RequestBounds(1), 1000), 0);
  assert.is(refused(new RequestBounds(2000), 10_000), 0);
  const unlimited = new RequestBounds(0);
  assert.is(refused(unlimited, 100_000), 0);
  assert.is(unlimited.size, 0);
});

bounds('remembers a limited number of addresses', () => {
  const bounds = new RequestBounds(200);
  for (let at = 0; at < 30_000; at++) refused(bounds, 1, networksOf(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`));
  assert.ok(bounds.size <= 10_300, `${bounds.size}`);
});

bounds.run();
