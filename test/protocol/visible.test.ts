import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseClientFrame, parseTutorialFrame } from '../../src/protocol/from-client.ts';
import { MAX_MESSAGE_LENGTH, MAX_MESSAGE_LINES } from '../../src/protocol/limits.ts';
import { acceptUser, isRoomName } from '../../src/protocol/names.ts';
import { isVisible, trimPiledMarks } from '../../src/protocol/visible.ts';

const visible = suite('protocol: visible');

/** What the relay makes of a message: its text, or the code of the refusal. */
function said(message: string): string | undefined {
  const frame = parseClientFrame(JSON.stringify({ type: 'normal', id: 'a', message }));
  if (frame?.type === 'refused') return frame.code;
  return frame?.type === 'normal' ? frame.message : undefined;
}

/** Code points that show nothing by themselves. */
const BLANKS = [
  ...[0x00, 0x07, 0x1b, 0x7f, 0x85, 0x9f, 0x20, 0xa0, 0x1680, 0x2003, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
  ...[0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f],
  ...[0x202a, 0x202e, 0x2060, 0x2061, 0x2064, 0x2066, 0x2069, 0x206f, 0x2800, 0x3164, 0xfe00, 0xfe0f, 0xfeff, 0xffa0],
  ...[0xfff9, 0xfffb, 0xfffc, 0xffff, 0x1bca0, 0x1d159, 0x1d173, 0x1d17a, 0x1fffe, 0xe0001, 0xe0020, 0xe007f, 0xe0100],
  // Combining marks without a letter: accents, a keycap, vowel signs, a tone, a filler.
  ...[0x301, 0x489, 0x20dd, 0x20e3, 0x5b0, 0x64b, 0x903, 0x93f, 0xe31, 0xe48, 0xf90, 0x1dc4, 0x302a, 0x16fe4, 0x1d165],
  ...[0x13441, 0x13442],
].map(point => String.fromCodePoint(point));

const WRITING = {
  'Thai, with a vowel, a tone and a thanthakhat': 'ก็รู้อยู่ว่าน้ำที่นี่ อีกสิ่งหนึ่ง ศักดิ์สิทธิ์',
  'Vietnamese, decomposed': 'Ngày mai trời đẹp, chúng ta đi ăn phở được chứ? ệ ữ ặ'.normalize('NFD'),
  'Hebrew with niqqud and cantillation': 'בְּרֵאשִׁ֖ית בָּרָ֣א אֱלֹהִ֑ים אֵ֥ת הַשָּׁמַ֖יִם וְאֵ֥ת הָאָֽרֶץ׃',
  'a Hebrew letter with everything': '\u05e9\u05c1\u05bc\u05b8\u0591\u05bd\u05bf',
  'Jerusalem, with a grapheme joiner': 'יְרוּשָׁלַ͏ִ֗ם',
  'Devanagari, Vedic accents': 'अ॒ग्निमी॑ळे पु॒रोहि॑तं य॒ज्ञस्य॑ दे॒वमृ॒त्विज॑म्',
  'Devanagari with joiners': 'क्‍ष र्‍य श्री शक्‌ति',
  'Bengali, Tamil, Malayalam, Sinhala': 'বাংলা র‍্যাব · தமிழ் ஸ்ரீ · മലയാളം ന്‍ · ශ්‍රී ලංකා',
  'Tibetan, the ten syllables of power': '\u0f67\u0f90\u0fb5\u0fa8\u0fb3\u0fba\u0fbc\u0fbb\u0f83',
  'Tibetan, mantra': 'ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ',
  'Burmese and Khmer': 'မြန်မာဘာသာ ကျွှေ့ · ភាសាខ្មែរ ស្ត្រី',
  'Arabic, Quranic': 'بِسْمِ ٱللَّهِ ٱلرَّحْمَٰنِ ٱلرَّحِيمِ ۝',
  'Persian with a non-joiner': 'می‌خواهم نامه‌ای',
  'Mongolian with a vowel separator': 'ᠮᠣᠩᠭᠤᠯ ᠠ᠎ᠠ',
  'Korean jamo': '\u1112\u1161\u11ab',
  'phonetic notation': 'ɔ̃̂ː t͡ʃ k͡p n̪̊ ɐ̯̃̀',
  'emoji: families, skins, keycaps': '👩‍👩‍👧‍👦 👍🏽 ❤️‍🔥 1️⃣ 🏳️‍🌈 👩🏽‍❤️‍💋‍👨🏿',
  'emoji: flags of regions': '🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏴󠁵󠁳󠁣󠁡󠁿 🇺🇳',
  'ideographic variants': '葛\u{e0100}飾区',
  Braille: '⠓⠑⠇⠇⠕⠀⠺⠕⠗⠇⠙',
  symbols: '¯\\_(ツ)_/¯ ♪ 𝄞 ⟦⟧ ￼a',
};

visible('a message or a name of code points that show nothing is refused, alone and together', () => {
  for (const blank of BLANKS) {
    const point = blank.codePointAt(0)?.toString(16);
    assert.is(said(blank), 'empty', `message ${point}`);
    assert.is(acceptUser(blank), undefined, `name ${point}`);
    assert.not.ok(isRoomName(blank), `room ${point}`);
  }
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...BLANKS), { minLength: 1, maxLength: 40 }), blanks => {
      assert.is(said(blanks.join('')), 'empty');
      assert.is(acceptUser(blanks.join('')), undefined);
    }),
  );
});

visible('one visible character among them is enough', () => {
  const seen = fc.constantFrom('a', '؀', '۝', '.', '字', '😀', '\ufffd', 'ـ', '⠁', '🏻', '\u{f0000}', '~');
  const blanks = fc.array(fc.constantFrom(...BLANKS), { maxLength: 8 }).map(list => list.join(''));
  fc.assert(
    fc.property(blanks, seen, blanks, (before, character, after) => {
      assert.ok(isVisible(before + character + after));
      assert.ok(said(before + character + after)?.includes(character));
      assert.ok(acceptUser(before + character + after)?.includes(character));
    }),
  );
});

visible('writing of every kind stays as it is', () => {
  for (const [kind, text] of Object.entries(WRITING)) {
    assert.is(trimPiledMarks(text), text, kind);
    assert.is(said(text), text, kind);
    for (const word of text.split(' ')) assert.is(acceptUser(word), word, `${kind}: ${word}`);
  }
});

visible('a letter in a message keeps eight of the marks that are piled on it, and a name has no more', () => {
  const marks = (count: number) => '\u0301\u0327'.repeat(count).slice(0, count);
  assert.is(said(`a${marks(8)}b`), `a${marks(8)}b`);
  assert.is(acceptUser(`a${marks(8)}b`), `a${marks(8)}b`);
  for (const count of [9, 25, 240, 4000]) {
    assert.is(said(`a${marks(count)}b`), `a${marks(8)}b`, `${count}`);
    assert.is(acceptUser(`a${marks(count)}b`.slice(0, 32)), undefined, `${count}`);
  }
  for (const between of ['\u200d', '\u034f', '\u2060', '\ufe0f', '\u0338\u200c']) {
    const piled = said(`a${`${marks(3)}${between}`.repeat(50)}b`) ?? '';
    assert.is([...piled].length, 10, JSON.stringify(between));
  }
  assert.not.ok(isRoomName(`q${'\u0327'.repeat(9)}`));
  assert.ok(isRoomName(`q${'\u0327'.repeat(8)}`));
  assert.not.ok(isRoomName('\u3164'), 'a filler is a letter to Unicode');
});

visible('whatever is sent, a mark is one of at most eight, cleaning again changes nothing, and letters stay', () => {
  const mark = fc.constantFrom('\u0301', '\u0489', '\u034f', '\u200d', '\ufe0f', '\u{e0061}', '\u093f');
  const letter = fc.constantFrom('a', '字', '😀', ' ', 'ก');
  const piles = fc
    .array(fc.oneof({ weight: 4, arbitrary: mark }, { weight: 1, arbitrary: letter }), { maxLength: 200 })
    .map(list => list.join(''));
  const letters = (text: string) => text.replace(/[\p{M}\p{DI}]/gu, '');
  fc.assert(
    fc.property(piles, text => {
      const limited = trimPiledMarks(text);
      assert.not.match(limited, /[\p{M}\p{DI}]{9}/u);
      assert.is(trimPiledMarks(limited), limited);
      assert.is(letters(limited), letters(text));
    }),
  );
});

visible('a message has at most 200 lines, however they are broken', () => {
  for (const end of ['\n', '\r', '\r\n', '\u2028', '\u2029', '\u0085', '\v', '\f']) {
    const lines = (count: number) => Array<string>(count).fill('x').join(end);
    assert.is(said(lines(MAX_MESSAGE_LINES)), lines(MAX_MESSAGE_LINES), JSON.stringify(end));
    assert.is(said(lines(MAX_MESSAGE_LINES + 1)), 'too-long', JSON.stringify(end));
    assert.is(said(`x${end.repeat(MAX_MESSAGE_LINES)}`), 'too-long', JSON.stringify(end));
  }
  assert.is(said(`x${'\n'.repeat(3000)}`), 'too-long');
});

visible('the tutorial has the same rules', () => {
  const code = (message: string) => {
    const frame = parseTutorialFrame(JSON.stringify({ type: 'normal', user: 'a', message }), () => 'made');
    return frame?.type === 'refused' ? frame.code : undefined;
  };
  assert.equal(['\u2800', `x${'\n'.repeat(200)}`, 'x'].map(code), ['empty', 'too-long', undefined]);
});

visible('a long message costs little, whatever it is made of', () => {
  // A pattern that backtracks would take minutes for these.
  for (const unit of ['\u0301', '\u200d', '\ufe0f\u200d', '\u034f\u0301', '\u3164', 'a\u0301', '\u0301'.repeat(8)]) {
    const long = unit.repeat(MAX_MESSAGE_LENGTH).slice(0, MAX_MESSAGE_LENGTH);
    for (const text of [long, `${long.slice(1)}x`]) said(text);
  }
});

visible('what is known of each code point is what Unicode says', () => {
  const blank = /[\s\p{Cc}\p{DI}\p{M}\u2800\ufff9-\ufffc\p{NChar}\u{1d159}\u{13430}-\u{13442}]/u;
  const wrong: string[] = [];
  for (let point = 0; point <= 0x10ffff; point++) {
    const text = String.fromCodePoint(point);
    const isTrimmed = trimPiledMarks(`a${text.repeat(9)}`).length === 1 + 8 * text.length;
    if (isVisible(text) === blank.test(text) || isTrimmed !== /[\p{M}\p{DI}]/u.test(text))
      wrong.push(point.toString(16));
  }
  assert.equal(wrong, []);
});

visible('a message of marks, blanks or emoji takes hardly longer to look at than one of Chinese letters', () => {
  const leastMs = (text: string) => {
    let least = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 200; run++) {
      const start = performance.now();
      said(text);
      least = Math.min(least, performance.now() - start);
    }
    return least;
  };
  const plain = leastMs('字'.repeat(1900));
  for (const unit of [
    '\u0301',
    `a${'\u0301'.repeat(8)}`,
    `a${'\u200d'.repeat(8)}`,
    '\u3164',
    '😀',
    '\n',
    '\u{e0061}',
  ]) {
    const times = leastMs(unit.repeat(1900).slice(0, 1900)) / plain;
    assert.ok(times < 8, `${JSON.stringify(unit)}: ${times} times as long`);
  }
});

visible.run();
