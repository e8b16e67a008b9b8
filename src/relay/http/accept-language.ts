/** Parses `Accept-Language`, the languages that a browser asks for. */

/** More languages than anybody reads. */
const MAX_LANGUAGES = 20;

/**
 * Returns the language ranges of an `Accept-Language` by descending weight (RFC 9110, section 12.5.4); ranges of the
 * same weight keep their order. Leaves out ranges with a weight of zero, `*`, and anything that cannot be parsed.
 */
export function acceptedLanguages(header: string): string[] {
  return header
    .split(',', MAX_LANGUAGES)
    .flatMap(item => {
      const [, range = '', weight = '1'] =
        /^\s*([a-z]{1,8}(?:-[a-z\d]{1,8}){0,7})\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/i.exec(item) ?? [];
      return range !== '' && Number(weight) > 0 ? [{ range, weight: Number(weight) }] : [];
    })
    .sort((a, b) => b.weight - a.weight)
    .map(({ range }) => range);
}
