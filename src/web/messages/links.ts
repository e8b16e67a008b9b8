/** Finds web addresses in a message. Only an http or https address that `new URL` accepts becomes a link. */

/** A part of a message; a link if it has an `href`. */
export interface Part {
  readonly text: string;
  readonly href?: string;
}

/**
 * A letter of another script than Latin directly after an ASCII letter or digit: there prose begins, because many
 * languages put no space after an address. A combining mark belongs to the letter before it. After a separator it is part of the address (`www.例子.中国`, `/wiki/大厅`).
 */
const PROSE = '(?<=[a-z\\d])[^\\0-\u024f\u1e00-\u2013\\p{M}]';
/** What may follow the host, besides brackets in pairs: the ASCII that RFC 3986 knows, and letters of all scripts. */
const CHAR = `(?!${PROSE}|'(?!\\w))[!#-'*-;=?-Z_~\\p{L}\\p{M}\\p{N}\u00b7\u30fb\u2013\u200c]`;
/**
 * Scheme, host, port and the rest, without the punctuation that ends a sentence. What has user information
 * (`https://bank.example@evil.example/`) is no address: it shows another host first.
 */
const ADDRESS = new RegExp(
  'https?://(?![!$-.:;=\\w\\\\~]*@)' +
    `(?:\\[[\\da-f:.]+\\]|(?:(?!\\.\\.|${PROSE})[\\p{L}\\p{M}\\d_.-])+)(?::\\d+)?` +
    `(?:[/?#](?:${CHAR}|\\((?:${CHAR})*\\)|\\[(?:${CHAR})*\\])*)?(?<![.,;:!?*_~\u00b7])`,
  'giu',
);

/** Splits `text` into parts; joined, they give `text` again. */
export function splitLinks(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const [address] = match;
    if (!URL.canParse(address)) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    end = match.index + address.length;
    parts.push({ text: address, href: new URL(address).href });
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}
