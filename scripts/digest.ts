/** A hash of files, which tells whether any of them has changed. Times are not compared: a copy of a folder changes them. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A hash of the names and contents of files, and of all files in folders. Paths are relative to `root`. */
export function digest(root: string, paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of filesAt(root, path)) {
      try {
        hash.update(`${file}\n`).update(readFileSync(join(root, file)));
      } catch {
        // The file was removed after it was listed.
        hash.update('missing');
      }
    }
  }
  return hash.digest('hex');
}

/** The file at a path, or all files in the folder there, relative to `root`. */
export function filesAt(root: string, path: string): string[] {
  if (!statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory()) return [path];
  return readdirSync(join(root, path), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}
