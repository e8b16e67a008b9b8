/** Checks the rules of the layout on every import: which folder may import which, and that there are no cycles. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const layers = suite('layers');

interface Import {
  readonly from: string;
  /** A path below the project, or a package's name. */
  readonly to: string;
  /** Whether it is only an import of types. */
  readonly type: boolean;
}

function importsBelow(folder: string): Import[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .flatMap(name => importsOf(`${folder}/${name}`));
}

function importsOf(from: string): Import[] {
  const source = readFileSync(join(ROOT, from), 'utf8');
  const specifiers = source.matchAll(
    /^(?:import|export)\b(?:[^'";]*?\bfrom)?\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm,
  );
  return [...specifiers].map(([statement, fixed, dynamic]) => {
    const specifier = fixed ?? dynamic ?? '';
    const type = /^(?:import|export) type\b/.test(statement);
    return {
      from,
      type,
      to: specifier.startsWith('.') ? relative(ROOT, join(ROOT, dirname(from), specifier)) : specifier,
    };
  });
}

const show = (imports: Import[]) => imports.map(({ from, to }) => `${from} imports ${to}`);

layers('the test finds imports', () => {
  assert.ok(importsBelow('src').length > 50);
  assert.ok(importsBelow('src').some(({ to }) => to === '@hono/node-ws'));
});

layers('web and relay share only src/protocol, which imports nothing else', () => {
  assert.equal(show(importsBelow('src/protocol').filter(({ to }) => !to.startsWith('src/protocol/'))), []);
  const strays = [
    ...importsBelow('src/web').filter(({ to }) => !to.startsWith('src/web/') && !to.startsWith('src/protocol/')),
    ...importsBelow('src/relay').filter(({ to }) => to.startsWith('src/') && !/^src\/(relay|protocol)\//.test(to)),
  ];
  assert.equal(show(strays), []);
});

layers('the client imports only src/protocol, so that it runs without a page', () => {
  const client = importsBelow('src/web/client');
  assert.ok(client.length > 20);
  assert.equal(show(client.filter(({ to }) => !/^src\/(web\/client|protocol)\//.test(to))), []);
  // Its compiler configuration has neither the DOM's types nor those of a runtime.
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, 'src/web/client/tsconfig.json'), 'utf8'));
  assert.equal([compilerOptions.lib, compilerOptions.types], [['ES2023'], []]);
});

layers('the relay outside runtime/ imports nothing of Node or Cloudflare, and no package except hono', () => {
  const core = importsBelow('src/relay').filter(({ from }) => !from.startsWith('src/relay/runtime/'));
  const strays = core.filter(({ to }) =>
    to.startsWith('src/') ? to.startsWith('src/relay/runtime/') : !/^hono(\/|$)/.test(to),
  );
  assert.equal(show(strays), []);
});

/** The files whose code a file needs when it runs: those that it imports, those that these import, and so on. */
function reach(from: string, imports: readonly Import[], found: string[] = []): string[] {
  for (const { to } of imports.filter(item => item.from === from && !item.type)) {
    if (found.includes(to)) continue;
    found.push(to);
    reach(to, imports, found);
  }
  return found;
}

layers(
  'a chunk of the page imports only types, its own styles and what is not in the script, and a language only types',
  () => {
    const imports = [...importsBelow('src/web'), ...importsBelow('src/protocol')];
    const script = reach('src/web/main.ts', imports);
    assert.ok(script.length > 30 && script.includes('src/web/browser/dom.ts'));
    const chunks = importsBelow('src/web/lazy');
    assert.ok(chunks.some(({ type }) => type));
    for (const chunk of new Set(chunks.map(({ from }) => from))) {
      const values = reach(chunk, imports);
      assert.equal(
        values.filter(to => script.includes(to)),
        [],
        chunk,
      );
    }
    assert.equal(
      show(chunks.filter(({ from, to }) => to.endsWith('.css') && to !== from.replace(/\.ts$/, '.css'))),
      [],
    );
    assert.equal(show(importsBelow('src/web/i18n').filter(({ type }) => !type)), []);
  },
);

layers('the page imports chunks and languages only as types or paths', () => {
  const values = importsBelow('src/web').filter(
    ({ to, type }) => !type && /^src\/web\/(lazy|i18n)\b/.test(to) && !/\?(chunk|languages)$/.test(to),
  );
  // A chunk of several modules has them in a folder of its own.
  const isOwn = ({ from, to }: Import) =>
    to === from.replace(/\.ts$/, '.css') ||
    to.startsWith(from.replace(/\.ts$/, '/')) ||
    (dirname(from) === dirname(to) && dirname(from) !== 'src/web/lazy' && dirname(from).startsWith('src/web/lazy'));
  assert.equal(show(values.filter(item => !isOwn(item))), []);
});

layers('only runtime/ imports a runtime', () => {
  const runtime = /^(node:|cloudflare:|ws$|libsql$|@hono\/)/;
  const strays = importsBelow('src').filter(
    ({ from, to }) => runtime.test(to) && !from.startsWith('src/relay/runtime/'),
  );
  assert.equal(show(strays), []);
});

layers('room/ imports no HTTP, and log/ imports no room', () => {
  const strays = [
    ...importsBelow('src/relay/room').filter(({ to }) => /^hono|^src\/relay\/http\//.test(to)),
    ...importsBelow('src/relay/log').filter(({ to }) => /^src\/relay\/(room|http)\//.test(to)),
  ];
  assert.equal(show(strays), []);
});

layers('room/ imports only public ids from access/, not the gate', () => {
  const access = importsBelow('src/relay/room').filter(({ to }) => to.startsWith('src/relay/access/'));
  assert.ok(access.length > 0);
  assert.equal(show(access.filter(({ to }) => to !== 'src/relay/access/identity.ts')), []);
});

layers('the gate imports no HTTP and no runtime, so that every transport can ask it', () => {
  const strays = importsBelow('src/relay/access').filter(({ to }) => /^hono|^src\/relay\/(http|runtime)\//.test(to));
  assert.equal(show(strays), []);
});

/** Finds files that import each other: a path from a file back to itself, or `undefined` if there is none. */
function findCycle(imports: readonly Import[]): string[] | undefined {
  const next = new Map<string, Import[]>();
  for (const item of imports) next.set(item.from, [...(next.get(item.from) ?? []), item]);
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const { to } of next.get(file) ?? []) {
      const cycle = visit(to, [...path, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}

layers('the test finds a cycle if there is one', () => {
  const imports = ['a b', 'b c', 'c b', 'c d']
    .map(pair => pair.split(' '))
    .map(([from = '', to = '']) => ({ from, to, type: false }));
  assert.equal(findCycle(imports), ['b', 'c', 'b']);
  assert.is(findCycle(imports.filter(({ from, to }) => `${from} ${to}` !== 'c b')), undefined);
});

layers('no file imports itself through others, not even for types', () => {
  assert.is(findCycle(importsBelow('src')), undefined);
});

layers.run();
