/** Which languages a browser asks for, from its `Accept-Language`. */

/** More than anybody reads. */
const MAX_LANGUAGES = 20;

/**
 * The language ranges of an `Accept-Language`, the most wanted first (RFC 9110, section 12.5.4); those of one weight in
 * their order. Without those that are refused by a weight of zero, without `*`, and without what cannot be read.
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
