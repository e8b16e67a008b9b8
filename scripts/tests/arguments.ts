/** Reads the arguments of the programs that run tests: names of files, and options that are on or off. */

export interface Arguments {
  /** A file is meant whose path holds one of them; every file, when there are none. */
  readonly names: readonly string[];
  /** The given options, such as `--watch`. */
  readonly options: ReadonlySet<string>;
}

/** The arguments of this process. An option that is not among `known` ends it with 1. */
export function readArguments(...known: string[]): Arguments {
  const given = process.argv.slice(2);
  const options = new Set(given.filter(argument => argument.startsWith('-')));
  for (const option of options) {
    if (known.includes(option)) continue;
    process.stderr.write(`unknown option ${option}\n`);
    process.exit(1);
  }
  return { names: given.filter(argument => !options.has(argument)), options };
}
