/** docs/limits.md has every constant that is a ceiling, with its value, and every collection that a class keeps. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const table = suite('limits table');

interface Row {
  readonly text: string;
  readonly files: readonly string[];
}

const ROWS: readonly Row[] = readFileSync(`${ROOT}docs/limits.md`, 'utf8')
  .split('\n')
  .filter(line => line.startsWith('| ') && line.includes('`src/'))
  .map(text => ({ text, files: [...text.matchAll(/`(src\/[\w/.-]+\.ts)`/g)].map(([, file = '']) => file) }));

const FILES = ['src/relay', 'src/protocol'].flatMap(folder =>
  readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => `${folder}/${name}`),
);

const sourceOf = (file: string) => readFileSync(`${ROOT}${file}`, 'utf8');

/** The constants of a file whose values are numbers, products or powers of numbers. */
function constantsOf(file: string): Map<string, number> {
  const found = sourceOf(file).matchAll(/^(?:export )?const ([A-Z][A-Z\d_]+) = ([\d_.* ]+);/gm);
  return new Map([...found].map(([, name = '', value = '']) => [name, evaluate(value)]));
}

function evaluate(expression: string): number {
  return expression
    .replaceAll('_', '')
    .split(/ \* /)
    .map(factor =>
      factor
        .split('**')
        .map(Number)
        .reduce((base, exponent) => base ** exponent),
    )
    .reduce((product, factor) => product * factor);
}

/** The names of a row that are compared with the source: `NAME` = 1,000. */
function comparedIn({ text }: Row): [string, number][] {
  const found = text.matchAll(/`([A-Z][A-Z\d_]+)` = ([\d,]+(?:\.\d+)?)/g);
  return [...found].map(([, name = '', value = '']) => [name, Number(value.replaceAll(',', ''))]);
}

table('each constant has the value of the source', () => {
  assert.ok(ROWS.length > 50);
  const wrong = ROWS.flatMap(row =>
    comparedIn(row).flatMap(([name, value]) => {
      const actual = row.files.map(file => constantsOf(file).get(name)).find(found => found !== undefined);
      return actual === value ? [] : [`${name} is ${actual} in ${row.files}, not ${value}`];
    }),
  );
  assert.equal(wrong, []);
});

table('no constant that is a ceiling is missing', () => {
  const missing = FILES.flatMap(file =>
    [...constantsOf(file).keys()]
      .filter(name => /^MAX_/.test(name) && !/_MS$/.test(name) && !NO_CEILINGS.includes(name))
      .filter(name => !ROWS.some(row => row.files.includes(file) && row.text.includes(`\`${name}\``)))
      .map(name => `${name} of ${file}`),
  );
  assert.equal(missing, []);
});

/** Constants that bound nothing that grows. */
const NO_CEILINGS = [
  // The length of names and messages, which PROTOCOL.md has.
  'MAX_MESSAGE_LENGTH',
  'MAX_MESSAGE_LINES',
  'MAX_USER_LENGTH',
  'MAX_RAW_USER_LENGTH',
  'MAX_JOIN_PLACES',
  // What a configuration can say.
  'MAX_COUNT',
  'MAX_HISTORY',
  'MAX_LENGTH',
  'MAX_MS',
  // Facts of formats and systems.
  'MAX_ADDRESS',
  'MAX_SEQ',
  'MAX_UNIT_BYTES',
  // Shares.
  'MAX_OVERDRAFT',
];

table('no collection that outlives a call is missing', () => {
  const missing = FILES.flatMap(file =>
    [...sourceOf(file).matchAll(/^ {2}(?:readonly )?(#?\w+)(?:: [^=\n]+)? = (?:new (?:Map|Set)\b|\[\];)/gm)]
      .map(([, field = '']) => field)
      .filter(field => !ROWS.some(row => row.files.includes(file) && row.text.includes(`\`${field}\``)))
      .filter(field => !SHORT_LIVED.includes(`${file} ${field}`))
      .map(field => `${field} of ${file}`),
  );
  assert.equal(missing, []);
});

/** Fields of objects that live for one commit or one read. */
const SHORT_LIVED = [
  'src/relay/log/room-write.ts stored',
  'src/relay/log/room-write.ts rejected',
  'src/relay/log/room-write.ts erasures',
  'src/relay/log/room-rows.ts entries',
];

table.run();
