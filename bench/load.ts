/** Runs the load generator against a server, and reads what it reports. */
import { spawn } from 'node:child_process';
import { onCore, PINNED } from './programs.ts';
import type { Server } from './server.ts';

/** Microseconds. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** A run as `load.c` prints it. `each` is the time from sending to each reader, `last` to the last one, `echo` to the sender. */
export interface LoadReport {
  readonly seconds: number;
  readonly serverCpuUs: number;
  readonly loadBusyUs: number;
  readonly connectSeconds: number;
  readonly connections: number;
  readonly rssBeforeKb: number;
  readonly rssAfterKb: number;
  readonly closed: number;
  readonly refused: number;
  readonly strays: number;
  /** Reads that returned data: messages per read are messages per write. */
  readonly reads: number;
  readonly groups: readonly {
    readonly name: string;
    readonly sent: number;
    readonly delivered: number;
    readonly each: Latency;
    readonly last: Latency;
    readonly echo: Latency;
  }[];
  readonly storm: {
    readonly each: Latency;
    readonly last: Latency;
    readonly length: Latency;
    /** CPU time of the server during the storms and the pauses between them. */
    readonly cpuUs: number;
    /** Messages delivered to live and to returning readers in the same time. */
    readonly delivered: number;
  };
}

const LOAD_CORE = 1;
const MAX_MS = 180_000;

/** Runs `load.c` with `settings`. Rejects with its error, or if it has not ended in three minutes; `signal` ends it. */
export async function runLoad(
  program: string,
  server: Server,
  settings: readonly string[],
  signal?: AbortSignal,
): Promise<LoadReport> {
  const { path, wire } = server.peer;
  const [command = '', ...args] = onCore(LOAD_CORE, [
    program,
    `port=${server.port}`,
    `pid=${server.pid}`,
    `wire=${wire}`,
    `awake=${PINNED ? 1 : 0}`,
    ...settings.map(setting => setting.replace('{path}', path)),
  ]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: MAX_MS, signal });
  let output = '';
  let errors = '';
  child.stdout.on('data', data => {
    output += data;
  });
  child.stderr.on('data', data => {
    errors += data;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(errors.trim() || 'the load generator took too long');
  const report: LoadReport = JSON.parse(output);
  if (report.closed > 0 || report.refused > 0) {
    throw new Error(`${report.closed} connections were closed, ${report.refused} frames refused: ${errors.trim()}`);
  }
  return report;
}
