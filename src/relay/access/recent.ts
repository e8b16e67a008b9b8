/** Remembers what a function has returned for recent texts, because the same few are asked for again and again. */

/** So many are remembered; at more, all are forgotten. */
export const MAX_RECENT = 1000;
/** A longer text is not remembered. */
const MAX_LENGTH = 64;

/** Returns `make` with a memory. `make` must return the same for the same text, and nobody may change what it returns. */
export function remembering<T>(make: (text: string) => T): (text: string) => T {
  const recent = new Map<string, T>();
  return text => {
    const known = recent.get(text);
    if (known !== undefined) return known;
    const made = make(text);
    if (text.length > MAX_LENGTH) return made;
    if (recent.size === MAX_RECENT) recent.clear();
    // A part of a longer text, such as a header, would keep all of it in memory.
    recent.set([...text].join(''), made);
    return made;
  };
}
