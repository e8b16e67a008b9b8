/** Reads the values of command-line options; an invalid value throws an error of one line. */

/** The elements of `all` that a comma-separated list names; all of them without a list. */
export function pick<T extends { readonly name: string }>(all: readonly T[], names: string | undefined): readonly T[] {
  const wanted = names?.split(',') ?? all.map(({ name }) => name);
  const unknown = wanted.find(name => !all.some(item => item.name === name));
  if (unknown !== undefined)
    throw new Error(`there is no ${unknown}; there are ${all.map(({ name }) => name).join(', ')}`);
  return all.filter(({ name }) => wanted.includes(name));
}

/** A whole number of at least 1. */
export function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`--${name} takes a whole number from 1, not ${text}`);
  return Number(text);
}

/** A number of seconds as a setting of the load generator; an empty list if none is given. */
export function secondsOf(name: string, text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  if (!/^\d{1,2}(\.\d+)?$/.test(text)) throw new Error(`--${name} takes a number of seconds below 100, not ${text}`);
  return [`${name}=${text}`];
}

/** The message of a thrown value. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
