/** Starts programs in process groups of their own, so that a program can be ended with everything it has started. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

export type GroupLeader = ChildProcessByStdio<null, Readable, Readable>;

const running = new Set<GroupLeader>();

/** Starts `program` in `cwd` as the leader of a new group. What it leaves running ends with it. */
export function startGroup(program: string, args: readonly string[], cwd: string): GroupLeader {
  const child = spawn(program, args, {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  running.add(child);
  // A child of the child would hold the output open, and 'close' would never come.
  child.on('exit', () => endGroup(child));
  child.on('close', () => running.delete(child));
  return child;
}

/** Ends a program and everything it has started. */
export function endGroup({ pid }: GroupLeader): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has ended by itself.
  }
}

/** Ends all groups when this process is told to end, and then ends it with 1; `cleanUp` runs in between. */
export function endGroupsOnSignal(cleanUp: () => void = () => {}): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      for (const child of running) endGroup(child);
      cleanUp();
      process.exit(1);
    });
  }
}
