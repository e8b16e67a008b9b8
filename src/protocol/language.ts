/**
 * Chooses the page's language. The relay and the page share this rule, so that the relay preloads the words the page
 * loads.
 */

/** Used if no wanted language is supported. */
const FALLBACK = 'en';

/**
 * Returns the first wanted language tag (`zh-TW`, `en`, …) that is supported, by the lookup of RFC 4647, section 3.4:
 * if a tag is not supported, the lookup tries a shorter one, such as `zh` for `zh-TW`. Returns English if none is
 * supported. The tags in `supported` are in lower case.
 */
export function chooseLanguage(wanted: readonly string[], supported: readonly string[]): string {
  for (const tag of wanted) {
    for (let range = tag.toLowerCase(); range; range = range.replace(/-?[^-]*$/, '')) {
      if (supported.includes(range)) return range;
    }
  }
  return FALLBACK;
}
