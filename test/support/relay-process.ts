/** A relay as a process of its own, as `npm start` would run it: started, stopped, killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pageBuilt, relayBuilt } from './built.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/relay.js', import.meta.url));
const START_MS = 15_000;

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

export class RelayProcess {
  /** Its folder, removed in the end; the log is in it. */
  readonly folder: string;
  readonly #program: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #ended: Promise<Ended> | undefined;
  #port = 0;

  /**
   * `env` is its configuration; what is not in it has its default, but for the port and the log's file. `program` is that
   * of the last build unless it is given.
   */
  constructor(env: Readonly<Record<string, string>> = {}, program = PROGRAM) {
    this.#program = program;
    this.folder = mkdtempSync(join(tmpdir(), 'heartline-relay-'));
    this.#env = env;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get port(): number {
    return this.#port;
  }

  get host(): string {
    return `localhost:${this.#port}`;
  }

  get data(): string {
    return join(this.folder, 'heartline.db');
  }

  /** Starts it, from the second time on at the same port, and resolves once it listens. */
  async start(): Promise<this> {
    await Promise.all([relayBuilt(), pageBuilt()]);
    const { ended, listening } = this.#spawn();
    const port = await Promise.race([listening, ended.then(({ output }) => Promise.reject(new Error(output)))]);
    this.#port = port;
    return this;
  }

  /** Starts one that is expected to end by itself. */
  async startAndEnd(): Promise<Ended> {
    await Promise.all([relayBuilt(), pageBuilt()]);
    return this.#spawn().ended;
  }

  /** Sends a signal and resolves with how it ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.#child?.kill(signal);
    return (await this.#ended) ?? { code: null, signal: null, output: '' };
  }

  kill(): Promise<Ended> {
    return this.stop('SIGKILL');
  }

  /** Ends it if it still runs, and removes its folder. */
  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #spawn(): { ended: Promise<Ended>; listening: Promise<number> } {
    const child = spawn(process.execPath, [this.#program], {
      env: { PATH: process.env.PATH, PORT: `${this.#port}`, DATA: this.data, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const listening = new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the relay does not listen: ${output}`)), START_MS);
      child.once('exit', () => clearTimeout(timer));
      const hear = (data: Buffer) => {
        output += data;
        const port = /"port":(\d+).*"msg":"listening"/.exec(output)?.[1];
        if (port === undefined) return;
        clearTimeout(timer);
        resolve(Number(port));
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
    });
    listening.catch(() => {});
    const ended = new Promise<Ended>(resolve => {
      child.once('close', (code, signal) => resolve({ code, signal, output }));
    });
    this.#child = child;
    this.#ended = ended;
    return { ended, listening };
  }
}
