/** Finds web addresses in a message. Only an http or https address that `new URL` accepts becomes a link. */

/** A part of a message; a link if it has an `href`. */
export interface Part {
  readonly text: string;
  readonly href?: string;
}

const ADDRESS = /https?:\/\/[^\s<>"'\u2018-\u201d\u2026\u3000-\u303f\uff01-\uff5e]+/gi;

/** Splits `text` into parts; joined, they give `text` again. */
export function splitLinks(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimAddress(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    end = match.index + address.length;
    parts.push({ text: address, href: new URL(address).href });
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

// Punctuation that ends a sentence does not belong to an address, nor does a bracket that was opened before it.
function trimAddress(found: string): string {
  const address = found.replace(/[.,;:!?*_~]+$/, '');
  const unopened = /[)\]}]$/.test(address) && !/[([{]/.test(address);
  return unopened ? trimAddress(address.slice(0, -1)) : address;
}
