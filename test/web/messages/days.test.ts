import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Authored, createDays, joins, sameDay } from '../../../src/web/messages/days.ts';
import { en, zh } from '../../support/words.ts';

const at = (...parts: [number, number, number, number, number]) => new Date(...parts).getTime();
const NOON = at(2026, 2, 1, 12, 0);

const days = suite('days');

days('call today and yesterday by name, across the end of a month', () => {
  const chinese = createDays(zh, () => NOON);
  assert.is(chinese.day(at(2026, 2, 1, 0, 0)), '今天');
  assert.is(chinese.day(at(2026, 1, 28, 23, 59)), '昨天');
  assert.match(chinese.day(at(2026, 1, 27, 12, 0)), '2月27日');
  assert.match(createDays(en, () => NOON).day(at(2026, 1, 27, 12, 0)), 'February 27');
});

days('follow one another also where an hour is left out or comes twice', () => {
  const zone = process.env.TZ;
  try {
    for (const [name, midnight] of [
      ['Asia/Shanghai', '2026-03-01T16:00:00Z'],
      ['Europe/Berlin', '2026-03-29T22:00:00Z'],
      ['Europe/Berlin', '2026-10-25T23:00:00Z'],
      ['America/Havana', '2026-03-08T05:00:00Z'],
    ] as const) {
      process.env.TZ = name;
      let now = Date.parse(midnight) - 1;
      const at = now;
      const english = createDays(en, () => now);
      assert.is(english.day(at), 'Today', name);
      now++;
      assert.is(english.day(at), 'Yesterday', name);
      assert.is(english.day(now), 'Today', name);
    }
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

days('are those of the relay’s clock, once it is known', () => {
  const english = createDays(en, () => NOON - 86_400_000);
  assert.is(english.day(NOON - 86_400_000), 'Today');
  assert.ok(english.learn(NOON, true), 'today is another day');
  assert.not.ok(english.learn(NOON, true));
  assert.is(english.day(NOON), 'Today');
  assert.is(english.day(NOON - 86_400_000), 'Yesterday');
});

days('are not set back by a message that was long on its way, nor by one of the history', () => {
  let now = NOON + 86_400_000;
  const english = createDays(en, () => now);
  english.learn(NOON - 172_800_000, false);
  assert.is(english.day(now), 'Today', 'nothing is known');
  english.learn(NOON, true);
  english.learn(NOON - 86_400_000, true);
  assert.is(english.day(NOON), 'Today');
  now += 86_400_000;
  assert.is(english.day(NOON), 'Yesterday');
});

days('are at least those of the newest message of the history', () => {
  const english = createDays(en, () => NOON - 86_400_000);
  english.learn(NOON, false);
  assert.is(english.day(NOON), 'Today');
});

days('give the time with two digits for the hour, midnight as 00', () => {
  assert.is(createDays(en, () => NOON).time(at(2026, 2, 1, 9, 5)), '09:05');
  assert.is(createDays(zh, () => NOON).time(at(2026, 2, 1, 0, 5)), '00:05');
});

days('begin at midnight of the reader', () => {
  assert.ok(sameDay(at(2026, 2, 1, 0, 0), at(2026, 2, 1, 23, 59)));
  assert.not.ok(sameDay(at(2026, 2, 1, 23, 59), at(2026, 2, 2, 0, 0)));
});

const groups = suite('groups');
const first: Authored = { from: 'a', user: 'Ann', at: NOON };

groups('hold what one person writes within five minutes', () => {
  assert.ok(joins(first, { ...first, at: NOON + 299_000 }));
  assert.not.ok(joins(first, { ...first, at: NOON + 300_000 }));
});

groups('end with another person, another name or another day', () => {
  assert.not.ok(joins(first, { ...first, from: 'b' }));
  assert.not.ok(joins(first, { ...first, user: 'Bob' }));
  const late = { ...first, at: at(2026, 2, 1, 23, 59) };
  assert.not.ok(joins(late, { ...late, at: late.at + 60_000 }));
});

days.run();
groups.run();
