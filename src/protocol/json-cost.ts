/** Tells whether a text takes long to parse as JSON, although it is no longer than a frame may be. */

/** A shorter text takes at most some microseconds to parse, whatever is in it. */
const SHORT = 512;
/** The most values in a frame. The longest list that the protocol knows has 200. */
const MAX_VALUES = 512;
const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b];

/**
 * Whether a JSON text has so many values that it takes milliseconds to parse: 60 kB of brackets take a hundred times as
 * long as 60 kB in one string. A text that is not JSON may be either.
 */
export function isCostly(text: string): boolean {
  if (text.length <= SHORT) return false;
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit === COMMA || unit === BRACKET || unit === BRACE) {
      values += 1;
      if (values > MAX_VALUES) return true;
    }
  }
  return false;
}

/** The place of the quote that ends the string that begins at `at`, or the end of the text. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
