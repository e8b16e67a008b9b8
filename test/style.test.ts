/**
 * Rules of style that the compiler and the linter do not know: a constructor takes at most two arguments and an options
 * object, which is destructured where it is taken, so that it cannot be kept.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const style = suite('style');

/** The parameters of every constructor in a source, as they are written. */
function constructorsOf(source: string): string[][] {
  return [...source.matchAll(/\bconstructor\(/g)].map(({ index, 0: { length } }) =>
    parametersAt(source, index + length),
  );
}

/** The parameters from just after their opening parenthesis. */
function parametersAt(source: string, start: number): string[] {
  const parameters = [''];
  for (let at = start, depth = 0; ; at++) {
    const char = source[at];
    if (char === undefined || (char === ')' && depth === 0)) break;
    if ('({[<'.includes(char)) depth += 1;
    // An arrow is not a bracket.
    if (')}]'.includes(char) || (char === '>' && source[at - 1] !== '=')) depth -= 1;
    if (char === ',' && depth === 0) parameters.push('');
    else parameters.push(`${parameters.pop()}${char}`);
  }
  return parameters.map(parameter => parameter.trim()).filter(parameter => parameter !== '');
}

/** What is wrong with a constructor; `undefined` if nothing is. */
function faultOf(parameters: readonly string[]): string | undefined {
  if (parameters.length > 3) return `takes ${parameters.length} arguments`;
  const third = parameters[2];
  if (third !== undefined && !third.startsWith('{')) return `takes a third argument, ${third}`;
  const kept = parameters.find(parameter => /^\w+\??: \w*(Options|Parts)\b/.test(parameter));
  return kept === undefined ? undefined : `does not destructure ${kept}`;
}

function faultsOf(source: string): string[] {
  return constructorsOf(source).flatMap(parameters => faultOf(parameters) ?? []);
}

style('finds the constructors that break the rule, and no others', () => {
  assert.equal(
    faultsOf(`
      constructor() {}
      constructor(a: Map<string, number>, b: (x: number, y: number) => void, { c, d }: SomeOptions = {}) {}
      constructor({ a, b, ...rest }: SomeOptions) {}
      constructor(
        a: A,
        b: B,
        c: C,
      ) {}
      constructor(a: A, b: B, c: C, { d }: SomeOptions) {}
      constructor(a: A, options: SomeOptions = {}) {}
    `),
    ['takes a third argument, c: C', 'takes 4 arguments', 'does not destructure options: SomeOptions = {}'],
  );
});

style('a constructor takes at most two arguments and an options object that it destructures', () => {
  const files = ['src/relay', 'src/web'].flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts'))
      .map(name => `${folder}/${name}`),
  );
  const sources = files.map(file => ({ file, source: readFileSync(join(ROOT, file), 'utf8') }));
  assert.ok(sources.flatMap(({ source }) => constructorsOf(source)).length > 30, 'constructors are seen at all');
  const faults = sources.flatMap(({ file, source }) => faultsOf(source).map(fault => ({ file, fault })));
  assert.equal(
    faults.map(({ file, fault }) => `${file}: ${fault}`),
    [],
  );
});

style.run();
