import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AVATAR_COLOURS, avatarColour, avatarLetters, makeAvatar, OWN_COLOUR } from '../../../src/web/people/avatar.ts';
import { type DomContext, useDom } from '../../support/dom.ts';

const avatar = suite<DomContext>('avatar');
useDom(avatar);

avatar('shows the first letter as people read letters', () => {
  assert.is(avatarLetters('林小雨'), '林');
  assert.is(avatarLetters('jonas'), 'J');
  assert.is(avatarLetters('xs'), 'xs');
  assert.is(avatarLetters('👩‍👩‍👧 family'), '👩‍👩‍👧');
  assert.is(avatarLetters('e\u0301milie'), 'E\u0301');
  assert.is(avatarLetters('🇩🇪 Hans'), '🇩🇪');
  assert.is(avatarLetters('👋🏽 hi'), '👋🏽');
  assert.is(avatarLetters('1️⃣ one'), '1️⃣');
  assert.is(avatarLetters('❤️ love'), '❤️');
  assert.is(avatarLetters('हिन्दी'), 'हि');
  assert.is(avatarLetters('ß'), 'ß');
  assert.is(avatarLetters(''), '');
});

avatar('skips what cannot be seen', () => {
  for (const hidden of [
    '\u200e',
    '\u200f',
    '\u200d',
    '\u200b',
    '\u00ad',
    '\ufeff',
    '\u0301',
    '\ufe0f',
    '\u{e0020}',
    ' ',
  ]) {
    assert.is(avatarLetters(`${hidden}ann`), 'A', `U+${hidden.codePointAt(0)?.toString(16)}`);
  }
});

avatar('needs no Intl.Segmenter', () => {
  const { Segmenter } = Intl;
  Reflect.deleteProperty(Intl, 'Segmenter');
  try {
    assert.is(avatarLetters('ann'), 'A');
  } finally {
    Object.assign(Intl, { Segmenter });
  }
});

avatar('has one colour for a person; another name may have another', () => {
  const ann = { from: 'f1', user: 'Ann' };
  assert.is(avatarColour(ann), avatarColour({ ...ann }));
  const colours = new Set(Array.from({ length: 200 }, (_, n) => avatarColour({ from: `f${n}`, user: 'Ann' })));
  assert.is(colours.size, AVATAR_COLOURS.length);
});

avatar('keeps white letters readable on every colour, and on one’s own', () => {
  for (const colour of [...AVATAR_COLOURS, OWN_COLOUR]) assert.ok(contrastWithWhite(colour) >= 5, colour);
});

avatar('is hidden from screen readers, which hear the name beside it', () => {
  const ann = { from: 'f1', user: 'Ann' };
  const made = makeAvatar(ann, false);
  assert.is(made.textContent, 'A');
  assert.is(made.getAttribute('aria-hidden'), 'true');
  assert.is(made.style.background, avatarColour(ann));
  assert.is(makeAvatar(ann, true).style.background, OWN_COLOUR);
});

// WCAG 2.2, relative luminance.
function contrastWithWhite(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map(start => Number.parseInt(colour.slice(start, start + 2), 16) / 255)
    .map(part => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05);
}

avatar.run();
