/** Reads the arguments of the programs that run tests: names of files, and on/off options. */

export interface Arguments {
  /** Selects the files whose path contains one of them; all files if empty. */
  readonly names: readonly string[];
  /** The given options, such as `--watch`. */
  readonly options: ReadonlySet<string>;
}

/**
 * Returns the arguments of this process. `--help` prints them and ends the process with 0; an option that is not in
 * `known` ends it with 2.
 */
export function readArguments(...known: string[]): Arguments {
  const given = process.argv.slice(2);
  const options = new Set(given.filter(argument => argument.startsWith('-')));
  if (options.has('--help')) {
    const usage = ['Usage: npm run NAME --', ...known.map(option => `[${option}]`), '[PART OF A TEST FILE]...'];
    process.stdout.write(`${usage.join(' ')}\n`);
    process.exit(0);
  }
  for (const option of options) {
    if (known.includes(option)) continue;
    process.stderr.write(`unknown option ${option}\n`);
    process.exit(2);
  }
  return { names: given.filter(argument => !options.has(argument)), options };
}
