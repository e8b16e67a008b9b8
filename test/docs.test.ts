/** The documents name only files, headings and commands that exist. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const docs = suite('docs');

/** Every file that git knows or would add, as paths below the project. */
const FILES = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: ROOT })
  .toString()
  .split('\n')
  .filter(file => file !== '' && existsSync(join(ROOT, file)));
const DOCUMENTS = FILES.filter(file => file.endsWith('.md'));
/** Files that a build, a run or an installation makes. */
const MADE =
  /^(node_modules|dist|data|shots|bench\/out|static\/(chat\.js|launcher\.js|embed\.js|chunks|localized))(\/|$)/;

interface Mention {
  readonly document: string;
  readonly name: string;
}

/** What of a document is text, and what is code: fenced, indented or between backticks. */
function codeOf(document: string): string[] {
  const text = readFileSync(join(ROOT, document), 'utf8');
  const blocks = text.split('\n').filter(line => line.startsWith('    '));
  const spans = [...text.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
  return [...blocks, ...spans];
}

function mentionsOf(document: string): Mention[] {
  return codeOf(document).flatMap(code =>
    [
      ...code.matchAll(/(?<![\w/.:@-])(?:\.?[\w-]+\/)*[\w.-]+\.(?:ts|js|cjs|mjs|c|h|css|json|toml|md)\b(?![\w/(])/g),
    ].map(([name]) => ({ document, name })),
  );
}

/** A path from the project or from the document's folder, or the end of one, as a listing of a folder has it. */
function exists({ document, name }: Mention): boolean {
  const paths = [name, relative(ROOT, join(ROOT, dirname(document), name))];
  return paths.some(path => MADE.test(path) || FILES.some(file => file === path || file.endsWith(`/${path}`)));
}

/** The fragment that a heading gets on GitHub. */
function fragmentOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

docs('are found', () => {
  assert.ok(DOCUMENTS.includes('README.md') && DOCUMENTS.includes('ARCHITECTURE.md'));
  assert.ok(mentionsOf('ARCHITECTURE.md').length > 10);
});

docs('link only to files and headings that exist', () => {
  const broken = DOCUMENTS.flatMap(document =>
    [...readFileSync(join(ROOT, document), 'utf8').matchAll(/\]\((?!https?:|mailto:)([^)\s]*)\)/g)].flatMap(
      ([, target = '']) => {
        const [path = '', fragment] = target.split('#');
        const file = path === '' ? document : relative(ROOT, join(ROOT, dirname(document), path));
        if (!existsSync(join(ROOT, file))) return [`${document}: ${target}`];
        if (fragment === undefined || !file.endsWith('.md')) return [];
        const headings = readFileSync(join(ROOT, file), 'utf8').matchAll(/^#+ (.+)$/gm);
        return [...headings].some(([, heading = '']) => fragmentOf(heading) === fragment)
          ? []
          : [`${document}: ${target}`];
      },
    ),
  );
  assert.equal(broken, []);
});

docs('name only files that exist', () => {
  const missing = DOCUMENTS.filter(document => document !== 'CHANGELOG.md')
    .flatMap(mentionsOf)
    .filter(mention => !exists(mention));
  assert.equal([...new Set(missing.map(({ document, name }) => `${document}: ${name}`))], []);
});

docs('name only commands that package.json has', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const missing = DOCUMENTS.flatMap(document =>
    codeOf(document)
      .flatMap(code => [...code.matchAll(/\bnpm (?:run )?(?!run\b|ci\b|install\b|i\b|pack\b|view\b)([\w:]+)/g)])
      .map(([, name = '']) => name)
      .filter(name => !Object.hasOwn(scripts, name))
      .map(name => `${document}: npm run ${name}`),
  );
  assert.equal(missing, []);
});

docs.run();
