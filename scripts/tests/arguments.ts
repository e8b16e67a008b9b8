/** Reads the arguments of the programs that run tests: names of files, and on/off options. */

export interface Arguments {
  /** Selects the files whose path contains one of them; all files if empty. */
  readonly names: readonly string[];
  /** The given options, such as `--watch`. */
  readonly options: ReadonlySet<string>;
}

/** Returns the arguments of this process. If an option is not in `known`, the process exits with 1. */
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
