/** Builds once for all processes that need a build at the same time, and not at all if nothing has changed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import Database from 'libsql';
import { digest } from './digest.ts';

const RETRY_MS = 25;

export interface BuildOnce {
  /** The project's root. Paths are relative to it, and its `dist` holds the stamp and the lock. */
  readonly root: string;
  /** Names the stamp and the lock. */
  readonly name: string;
  /** Files and folders that the build reads. */
  readonly inputs: readonly string[];
  /** Files and folders that the build writes. */
  readonly outputs: readonly string[];
  readonly build: () => Promise<void>;
}

/**
 * Resolves once `outputs` are up to date with `inputs`. One process builds while the others wait. Rejects with the
 * build's own error.
 */
export async function buildOnce({ root, name, inputs, outputs, build }: BuildOnce): Promise<void> {
  const stamp = join(root, 'dist', `${name}.stamp`);
  const present = () => `${digest(root, inputs)} ${digest(root, outputs)}`;
  if (read(stamp) === present()) return;
  mkdirSync(join(root, 'dist'), { recursive: true });
  const unlock = await lock(join(root, 'dist', `${name}.lock`));
  try {
    if (read(stamp) === present()) return;
    // Computed before the build, so that a change made during the build is built next time.
    const before = digest(root, inputs);
    await build();
    writeFileSync(stamp, `${before} ${digest(root, outputs)}`);
  } finally {
    unlock();
  }
}

/**
 * Takes a lock that the system releases if this process is killed: a write transaction of SQLite. Returns a function
 * that releases it.
 */
async function lock(path: string): Promise<() => void> {
  for (;;) {
    const database = new Database(path);
    try {
      database.exec('BEGIN EXCLUSIVE');
      return () => database.close();
    } catch (error) {
      database.close();
      if (!(error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY')) throw error;
    }
    await after(RETRY_MS);
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
