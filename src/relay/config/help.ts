/** The text of `--help`, made from the table of variables. */
import { VARIABLES, type Variable } from './variables.ts';

const WIDTH = 80;
const INDENT = 18;

/** Returns the help, in lines of at most 80 characters. */
export function helpText(): string {
  const variables: readonly Variable<unknown>[] = Object.values(VARIABLES);
  return `Usage: node dist/relay.js [--help | --version]

Relays chat messages between the clients of a room. It takes no other
arguments; its configuration is in environment variables, with the default in
parentheses:

${variables.map(helpOf).join('\n')}
`;
}

function helpOf({ name, shown, meaning }: Variable<unknown>): string {
  const lines = wrap(`${plain(meaning)} (${plain(shown)})`, WIDTH - INDENT);
  return lines.map((line, index) => (index === 0 ? `  ${name}` : '').padEnd(INDENT) + line).join('\n');
}

/** Removes the marks of Markdown: code and links. */
function plain(markdown: string): string {
  return markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}
