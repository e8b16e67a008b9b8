/** Starts each program in its own process group, so that it can be killed together with everything it has started. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

export type GroupLeader = ChildProcessByStdio<null, Readable, Readable>;

const running = new Set<GroupLeader>();

/** Starts `program` in `cwd` as the leader of a new group. When it exits, the rest of the group is killed. */
export function startGroup(program: string, args: readonly string[], cwd: string): GroupLeader {
  const child = spawn(program, args, {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  running.add(child);
  // A grandchild would keep the output open, and 'close' would never be emitted.
  child.on('exit', () => endGroup(child));
  child.on('close', () => running.delete(child));
  return child;
}

/** Kills a program and everything it has started. */
export function endGroup({ pid }: GroupLeader): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has already ended.
  }
}

/** On SIGINT or SIGTERM, kills all groups, runs `cleanUp` and exits with 1. */
export function endGroupsOnSignal(cleanUp: () => void = () => {}): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      for (const child of running) endGroup(child);
      cleanUp();
      process.exit(1);
    });
  }
}
