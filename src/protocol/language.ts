/** Which language is spoken: one rule for page and relay, so that the words the relay preloads are those the page asks for. */

/** Spoken where none is wanted that there is. */
const FALLBACK = 'en';

/**
 * The first wanted language tag (`zh-TW`, `en`, …) that is among `spoken`, by the lookup of RFC 4647, section 3.4: a tag
 * that is not spoken stands for the wider one, `zh-TW` for `zh`. English where none is. `spoken` holds lower-case tags.
 */
export function chooseLanguage(wanted: readonly string[], spoken: readonly string[]): string {
  for (const tag of wanted) {
    for (let range = tag.toLowerCase(); range; range = range.replace(/-?[^-]*$/, '')) {
      if (spoken.includes(range)) return range;
    }
  }
  return FALLBACK;
}
