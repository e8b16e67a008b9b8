/** The relay's process as seen from within, by the probe that is loaded into it, and from without, in /proc. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('probe.cjs', import.meta.url));
export interface Reading {
  /** The longest turn of the event loop since the last reading, in ms of CPU time (up to 1 ms too much). */
  readonly longestTurnMs: number;
  readonly heapBytes: number;
}

export class Probe {
  readonly #folder = mkdtempSync(join(tmpdir(), 'heartline-probe-'));
  readonly #path = join(this.#folder, 'socket');
  readonly #heapMb: number;

  /** `heapMb` is how large the relay's heap may become. */
  constructor(heapMb: number) {
    this.#heapMb = heapMb;
  }

  /** The variables that load the probe into the relay, with the flags of `npm start`. */
  get env(): Record<string, string> {
    const flags = `--max-old-space-size=${this.#heapMb} --max-semi-space-size=2`;
    return { NODE_OPTIONS: `${flags} --require=${PROGRAM}`, ATTACK_PROBE: this.#path };
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  read(): Promise<Reading> {
    return this.#ask('read');
  }

  /** Collects all garbage, and reads once the memory is back with the kernel. */
  collect(): Promise<Reading> {
    return this.#ask('collect');
  }

  #ask(order: 'read' | 'collect'): Promise<Reading> {
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = connect(this.#path, () => socket.write(order));
      socket.setTimeout(60_000, () => socket.destroy(new Error('the relay does not answer')));
      socket.on('error', reject);
      socket.on('data', data => {
        text += data;
      });
      socket.on('end', () => resolve(JSON.parse(text)));
    });
  }
}

/** The resident memory of a process in bytes; 0 once it has ended. */
export function memoryOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** The number of descriptors that a process has open; 0 once it has ended. */
export function descriptorsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
