/** Notes what was built from which sources, and tells whether a build is needed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digest, filesAt } from './digest.ts';
import { replace } from './files.ts';

/** The files and folders that a build reads. Of `static` it reads only the files written by hand. */
const SOURCES = ['src', 'scripts', 'package-lock.json'];
const MADE = /^static\/((chunks|localized)\/|_headers$)|\.(br|gz|new|map)$|^static\/[^/]*\.js$/;
const NOTE = 'dist/built.json';

/** A hash of everything that a build reads; `undefined` if the sources are not here. */
export function sourcesOf(root: string): string | undefined {
  if (!existsSync(join(root, 'src'))) return undefined;
  return digest(root, [...SOURCES, ...filesAt(root, 'static').filter(file => !MADE.test(file))]);
}

/** Notes that everything was built from sources with this hash. */
export function noteBuild(root: string, sources: string | undefined): void {
  const made = filesAt(root, 'static').filter(file => MADE.test(file) && !file.endsWith('.new'));
  const note = { sources, made: ['dist/relay.js', 'dist/backup.js', ...made] };
  replace(join(root, NOTE), Buffer.from(`${JSON.stringify(note)}\n`));
}

/** Whether everything is there and was built from the present sources. Without sources it need only be there. */
export function isBuilt(root: string): boolean {
  try {
    const { sources, made } = JSON.parse(readFileSync(join(root, NOTE), 'utf8'));
    const present = sourcesOf(root);
    return (present === undefined || present === sources) && made.every((file: string) => existsSync(join(root, file)));
  } catch {
    return false;
  }
}
