/** The constants in docs/limits.md have the values of the source. */
import { readFileSync } from 'node:fs';
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

table.run();
