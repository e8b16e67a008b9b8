/** Quotes a text as `JSON.stringify` does, but faster where nothing has to be escaped, which is almost always. */

/** What JSON escapes (RFC 8259, section 7), and every surrogate, because `JSON.stringify` escapes those without a partner. */
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

export function jsonString(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text) : `"${text}"`;
}
