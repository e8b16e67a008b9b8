/** The units for systemd in the documents, as systemd itself reads them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const isInstalled = spawnSync('systemd-analyze', ['--version']).status === 0;

/** The units of a document, by name: each follows the name of its file. */
function unitsOf(document: string): [name: string, text: string][] {
  const blocks = readFileSync(join(ROOT, document), 'utf8').matchAll(
    /`\/etc\/systemd\/system\/([\w.-]+)`:\n\n```systemd\n([\s\S]*?)```/g,
  );
  return [...blocks].map(([, name = '', text = '']) => [name, text.replaceAll('/usr/bin/node', process.execPath)]);
}

const units = suite('units');

units('of the documents are valid', () => {
  const all = [...unitsOf('docs/operating.md'), ...unitsOf('docs/backup.md')];
  assert.equal(
    all.map(([name]) => name),
    ['heartline.service', 'heartline-backup.service', 'heartline-backup.timer'],
  );
  if (!isInstalled) return;
  const folder = mkdtempSync(join(tmpdir(), 'heartline-units-'));
  try {
    for (const [name, text] of all) writeFileSync(join(folder, name), text);
    const files = all.map(([name]) => join(folder, name));
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', ...files], { encoding: 'utf8' });
    const own = `${stdout}${stderr}`.split('\n').filter(line => line.includes('heartline'));
    assert.equal([own, status], [[], 0]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

units.run();
