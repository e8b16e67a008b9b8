/** The three rules that hold up the house, kept over the lines that import. */
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
  return [...specifiers].map(([, fixed, dynamic]) => {
    const specifier = fixed ?? dynamic ?? '';
    return { from, to: specifier.startsWith('.') ? relative(ROOT, join(ROOT, dirname(from), specifier)) : specifier };
  });
}

const show = (imports: Import[]) => imports.map(({ from, to }) => `${from} imports ${to}`);

layers('are seen at all', () => {
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

layers('the relay itself imports no runtime, nothing of Node or Cloudflare, and no package but hono', () => {
  const core = importsBelow('src/relay').filter(({ from }) => !from.startsWith('src/relay/runtime/'));
  const strays = core.filter(({ to }) =>
    to.startsWith('src/') ? to.startsWith('src/relay/runtime/') : !/^hono(\/|$)/.test(to),
  );
  assert.equal(show(strays), []);
});

layers('only runtime/ knows a runtime', () => {
  const runtime = /^(node:|cloudflare:|ws$|libsql$|@hono\/)/;
  const strays = importsBelow('src').filter(
    ({ from, to }) => runtime.test(to) && !from.startsWith('src/relay/runtime/'),
  );
  assert.equal(show(strays), []);
});

layers.run();
