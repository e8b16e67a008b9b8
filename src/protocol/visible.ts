/**
 * Which texts show something on a screen, and how much may stand above or below one letter. What is known of each code
 * point is looked up in a table, because a pattern takes 100 ns for each, and strangers send thousands. The page, which
 * needs none of it, does not carry it.
 */

/** The code point has been looked up before. */
const KNOWN = 1;
/** It shows nothing by itself. */
const BLANK = 2;
/** It goes above, below or into the letter before it. */
const MARK = 4;

/** The planes in which there are marks and blanks, but for noncharacters: two whole ones, and the first rows of plane 14. */
const TABLE_END = 0x20000;
const TAGS = 0xe0000;
const TAGS_LENGTH = 0x1000;
let table: Uint8Array | undefined;

/** How many marks one letter may have. */
const PILED_MARKS = 8;

/**
 * Whether there is anything to see in a text. White space, control characters and what Unicode calls default ignorable
 * (joiners, fillers, bidirectional controls, variation selectors, tags) show nothing by themselves, nor do combining marks
 * without a letter.
 */
export function isVisible(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const point = text.codePointAt(at) ?? 0;
    if ((propertiesOf(point) & BLANK) === 0) return true;
    if (point > 0xffff) at += 1;
  }
  return false;
}

/**
 * Removes all but the first eight of the combining marks and default ignorable code points that follow one another.
 * Eight is what the tallest Tibetan stack needs (the ten syllables of power); a Hebrew letter with points and accents
 * has up to six, and the tags of a regional flag are up to eight.
 */
export function trimPiledMarks(text: string): string {
  if (!mayHavePiledMarks(text)) return text;
  let trimmed = '';
  let from = 0;
  let marks = 0;
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at) ?? 0;
    const end = at + (point > 0xffff ? 2 : 1);
    marks = (propertiesOf(point) & MARK) === 0 ? 0 : marks + 1;
    if (marks > PILED_MARKS) {
      trimmed += text.slice(from, at);
      from = end;
    }
    at = end;
  }
  return trimmed + text.slice(from);
}

/** Looks at every ninth UTF-16 unit only, one of which is in any run of nine. */
function mayHavePiledMarks(text: string): boolean {
  for (let at = PILED_MARKS; at < text.length; at += PILED_MARKS + 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0xad) continue;
    const isSurrogate = unit >= 0xd800 && unit <= 0xdfff;
    if (isSurrogate || (propertiesOf(unit) & MARK) !== 0) return true;
  }
  return false;
}

function propertiesOf(point: number): number {
  const isTag = point >= TAGS && point < TAGS + TAGS_LENGTH;
  // Elsewhere there are only letters, private use and noncharacters.
  if (point >= TABLE_END && !isTag) return (point & 0xfffe) === 0xfffe ? BLANK : 0;
  const place = isTag ? TABLE_END + point - TAGS : point;
  table ??= new Uint8Array(TABLE_END + TAGS_LENGTH);
  const known = table[place] ?? 0;
  if (known !== 0) return known;
  const found = look(String.fromCodePoint(point));
  table[place] = found;
  return found;
}

/**
 * The list of blanks ends with signs whose glyph is empty: the blank Braille pattern, annotation anchors and the place of
 * a missing object, noncharacters, the null notehead, format controls and blanks of hieroglyphs.
 */
function look(character: string): number {
  const isBlank = /[\s\p{Cc}\p{DI}\p{M}\u2800\ufff9-\ufffc\p{NChar}\u{1d159}\u{13430}-\u{13442}]/u.test(character);
  const isMark = /[\p{M}\p{DI}]/u.test(character);
  return KNOWN | (isBlank ? BLANK : 0) | (isMark ? MARK : 0);
}
