/** One of two compared versions of the relay: the working tree, or a commit built in a temporary worktree. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './programs.ts';

export interface Version {
  /** Its name on the command line. */
  readonly name: string;
  /** Short hash of the commit; with `+` if files have changed since. */
  readonly commit: string;
  /** The folder in which it is built. */
  readonly root: string;
  /** Removes everything that was created for it. May be called twice. */
  dispose(): void;
}

const MAX_ERROR_LENGTH = 2000;

/** The working tree. `npm run build` must not be run in it while it is measured. */
export function workingTree(): Version {
  run(ROOT, 'npm', ['run', 'build']);
  const changed = run(ROOT, 'git', ['status', '--porcelain']) !== '';
  const commit = `${run(ROOT, 'git', ['rev-parse', '--short', 'HEAD'])}${changed ? '+' : ''}`;
  return { name: 'working tree', commit, root: ROOT, dispose() {} };
}

/**
 * Checks out a commit and builds it with its own build. It shares the working tree's packages if the lock files are the
 * same, and installs its own if not. Throws an error of one line if there is no such commit, or the output of a failed
 * build.
 */
export function checkOut(ref: string): Version {
  const commit = commitOf(ref);
  const folder = mkdtempSync(join(tmpdir(), 'heartline-version-'));
  const root = join(folder, 'tree');
  const dispose = () => {
    if (!existsSync(folder)) return;
    // Deleted first, so that nothing is deleted through the link to shared packages.
    rmSync(join(root, 'node_modules'), { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
    run(ROOT, 'git', ['worktree', 'prune']);
  };
  try {
    run(ROOT, 'git', ['worktree', 'add', '--detach', root, commit]);
    if (lockOf(root) === lockOf(ROOT)) symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    else run(root, 'npm', ['--prefix', root, 'ci', '--no-audit', '--no-fund']);
    run(root, 'npm', ['--prefix', root, 'run', 'build']);
  } catch (error) {
    dispose();
    throw error;
  }
  return { name: ref, commit: run(root, 'git', ['rev-parse', '--short', 'HEAD']), root, dispose };
}

function commitOf(ref: string): string {
  try {
    return run(ROOT, 'git', ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  } catch {
    throw new Error(`there is no commit ${ref}`);
  }
}

function lockOf(root: string): string {
  return readFileSync(join(root, 'package-lock.json'), 'utf8');
}

/** Runs a command to its end and returns its trimmed output; throws if it fails. */
function run(cwd: string, command: string, args: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error) throw new Error(`${command} does not run: ${error.message}`);
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed: ${`${stdout}${stderr}`.trim().slice(-MAX_ERROR_LENGTH)}`);
  }
  return stdout.trim();
}
