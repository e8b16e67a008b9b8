/** The command line of the relay: it takes `--help` or `--version` and nothing else. */
import { helpText } from '../../config/help.ts';

/** What to print instead of starting, and the exit status: 0, or 2 for an argument that is not known. */
export interface Answer {
  readonly text: string;
  readonly status: 0 | 2;
}

/** Answers the arguments after the program's name; `undefined` if there are none. */
export function answerArguments(args: readonly string[], version: () => string): Answer | undefined {
  const [first] = args;
  if (first === undefined) return undefined;
  if (first === '--help') return { text: helpText(), status: 0 };
  if (first === '--version') return { text: `${version()}\n`, status: 0 };
  const text = `heartline: ${JSON.stringify(first)} is not an argument of the relay; --help names its variables\n`;
  return { text, status: 2 };
}
