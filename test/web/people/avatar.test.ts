import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { avatarLetters, HUES, hueOf, makeAvatar } from '../../../src/web/people/avatar.ts';
import { type DomContext, useDom } from '../../support/dom.ts';

const avatar = suite<DomContext>('avatar');
useDom(avatar);

avatar('shows initials, or the letters by which people call each other', () => {
  const cases: [string, string][] = [
    ['Ann Lee', 'AL'],
    ['ann van der lee', 'Av'],
    ['jonas', 'Jo'],
    ['Ñandú', 'Ña'],
    ['Мария', 'Ма'],
    ['Guest 7548', 'G'],
    ['xs', 'xs'],
    ['x', 'x'],
    ['林小雨', '小雨'],
    ['张伟', '张伟'],
    ['王', '王'],
    ['访客7548', '访'],
    ['さくら', 'さ'],
    ['김민지', '김'],
    ['👩‍👩‍👧 family', '👩‍👩‍👧'],
    ['e\u0301milie', 'E\u0301m'],
    ['🇩🇪 Hans', '🇩🇪'],
    ['👋🏽 hi', '👋🏽'],
    ['1️⃣ one', '1️⃣'],
    ['❤️ love', '❤️'],
    ['हिन्दी', 'हि'],
    ['محمد علي', 'م'],
    ['ß', 'ß'],
    ['', ''],
  ];
  for (const [name, letters] of cases) assert.is(avatarLetters(name), letters, name);
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
    assert.is(avatarLetters(`${hidden}ann`), 'An', `U+${hidden.codePointAt(0)?.toString(16)}`);
  }
});

avatar('needs no Intl.Segmenter', () => {
  const { Segmenter } = Intl;
  Reflect.deleteProperty(Intl, 'Segmenter');
  try {
    assert.is(avatarLetters('ann'), 'An');
  } finally {
    Object.assign(Intl, { Segmenter });
  }
});

avatar('has one colour for a person, and no two people share one as long as there are others', () => {
  const taken = new Map<string, number>();
  const hues = () => Array.from({ length: HUES }, (_, n) => hueOf(`f${n}`, taken));
  const first = hues();
  assert.equal(
    [...first].sort((a, b) => a - b),
    [...Array(HUES).keys()],
  );
  for (let n = 0; n < 100; n++) assert.ok(hueOf(`more${n}`, taken) < HUES);
  assert.equal(hues(), first, 'nobody gets another colour');
  assert.is(taken.size, HUES);
});

avatar('does not use up a colour for somebody whose id is not known yet', () => {
  const taken = new Map<string, number>();
  assert.ok(hueOf('', taken) < HUES);
  assert.is(taken.size, 0);
});

avatar('keeps white letters readable on every colour', () => {
  for (let hue = 0; hue < HUES; hue++) {
    const contrast = 1.05 / (luminance(0.53, 0.13, 22.5 * hue) + 0.05);
    assert.ok(contrast >= 4.5, `${22.5 * hue}: ${contrast.toFixed(2)}`);
  }
});

avatar('is hidden from screen readers, which hear the name beside it', () => {
  const made = makeAvatar({ from: 'f1', user: 'Ann' });
  assert.is(made.textContent, 'An');
  assert.is(made.getAttribute('aria-hidden'), 'true');
});

/** The relative luminance (WCAG 2.2) of a colour in OKLCH (CSS Color 4, section 9), clipped to sRGB as browsers do. */
function luminance(lightness: number, chroma: number, hue: number): number {
  const [a, b] = [chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clip = (value: number) => Math.min(1, Math.max(0, value));
  const red = clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
  const green = clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
  const blue = clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

avatar.run();
