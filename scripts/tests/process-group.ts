/**
 * Starts each program in its own process group, so that it can be killed together with everything it has started, and is
 * killed when this process ends, however that happens.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

export type GroupLeader = ChildProcessByStdio<Writable, Readable, Readable>;

const running = new Set<GroupLeader>();

/**
 * Becomes the program, after it has left a process in the group that kills the group once nobody holds the other end of
 * its standard input: a process that was killed could not do so any more.
 */
const START = `exec 3<&0 </dev/null
{ read -r _ <&3; kill -9 -$$; } >/dev/null 2>&1 &
exec 3<&-
exec "$@"`;

export interface GroupOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts `program` as the leader of a new group. When it exits, the rest of the group is killed. */
export function startGroup(program: string, args: readonly string[], options: GroupOptions = {}): GroupLeader {
  const { cwd, env = { ...process.env, FORCE_COLOR: '0' } } = options;
  const child = spawn('/bin/sh', ['-c', START, 'sh', program, ...args], {
    cwd,
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  // A grandchild would keep the output open, and 'close' would never be emitted.
  child.on('exit', () => endGroup(child));
  child.on('close', () => running.delete(child));
  return child;
}

/** Kills a program and everything it has started. */
export function endGroup({ pid }: Pick<GroupLeader, 'pid'>): void {
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
