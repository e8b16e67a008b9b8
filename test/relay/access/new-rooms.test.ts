import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { NEW_ROOM_MS, NEW_ROOMS_AT_ONCE, NewRooms } from '../../../src/relay/access/new-rooms.ts';

const newRooms = suite('new rooms');
const NOW = 1_700_000_000_000;

newRooms('lets a class of 30 behind one address open a room each, twice', () => {
  const bound = new NewRooms();
  for (let pupil = 0; pupil < 60; pupil++) assert.is(bound.take('192.0.2.1', NOW), 0);
});

newRooms('lets one address make a bounded number of rooms a day, however it is written', () => {
  const bound = new NewRooms();
  let made = 0;
  for (let second = 0; second < 86_400; second++) {
    const address = second % 2 === 0 ? '192.0.2.1' : '::ffff:192.0.2.1';
    if (bound.take(address, NOW + second * 1000) === 0) made += 1;
  }
  assert.is(made, NEW_ROOMS_AT_ONCE + 86_400_000 / NEW_ROOM_MS - 1);
  assert.is(bound.take('192.0.2.2', NOW), 0, 'another address has its own bound');
});

newRooms('says when the next room is allowed', () => {
  const bound = new NewRooms();
  for (let index = 0; index < NEW_ROOMS_AT_ONCE; index++) bound.take('192.0.2.1', NOW);
  const waitMs = bound.take('192.0.2.1', NOW + 20_000);
  assert.ok(Math.abs(waitMs - 40_000) <= 1, `${waitMs}`);
  assert.is(bound.take('192.0.2.1', NOW + 60_001), 0);
});

newRooms('gives a site ten times as much as a subscriber, however many networks it uses', () => {
  const bound = new NewRooms();
  let made = 0;
  for (let network = 0; network < 1000; network++) {
    if (bound.take(`2001:db8:1:${network.toString(16)}::1`, NOW) === 0) made += 1;
  }
  assert.is(made, 10 * NEW_ROOMS_AT_ONCE);
  assert.is(bound.take('2001:db8:2::1', NOW), 0);
});

newRooms('takes nothing from other addresses, however many of its networks a site is refused', () => {
  const bound = new NewRooms();
  for (let network = 0; network < 1000; network++) {
    for (let time = 0; time < NEW_ROOMS_AT_ONCE; time++) bound.take(`2001:db8:1:${network.toString(16)}::1`, NOW);
  }
  for (let network = 1000; network < 12_000; network++) bound.take(`2001:db8:1:${network.toString(16)}::1`, NOW);
  for (let at = 0; at < 256; at++) assert.is(bound.take(`192.0.2.${at}`, NOW), 0);
});

newRooms.run();
