/** Reads the options of a program of this project, and answers `--help` and what it does not know in one line. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Returns the values of `options` in the arguments of this process. `--help` prints how `command` is called and ends the
 * process with 0; an argument that is not known ends it with 2.
 */
export function readOptions<const O extends Options>(command: string, options: O) {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(`${usageOf(command, options)}\n`);
    process.exit(0);
  }
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    return wrongUse(error);
  }
}

/** Prints the message of an error in one line and ends the process with 2. */
export function wrongUse(error: unknown): never {
  const [line] = String(error instanceof Error ? error.message : error).split('\n');
  process.stderr.write(`${line}\n`);
  process.exit(2);
}

function usageOf(command: string, options: Options): string {
  const shown = Object.entries(options).map(([name, option]) => {
    if (option.type === 'boolean') return `[--${name}]`;
    return `[--${name} ${typeof option.default === 'string' ? option.default : name.toUpperCase()}]`;
  });
  return ['Usage:', command, ...(shown.length > 0 ? ['--', ...shown] : [])].join(' ');
}
