/** A relay in its own process, as `npm start` would run it. It can be started, stopped, killed and started again. */
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
  /** The relay's folder with its log. `dispose` removes it. */
  readonly folder: string;
  readonly #program: string;
  readonly #env: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  #ended: Promise<Ended> | undefined;
  #port = 0;

  /**
   * `env` is the configuration. Variables that are not in it have their defaults, except the port and the log's file.
   * `program` is by default that of the last build.
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

  /** Starts the relay, on the same port as before if it was started before. Resolves once it listens. */
  async start(): Promise<this> {
    await Promise.all([relayBuilt(), pageBuilt()]);
    const { ended, listening } = this.#spawn();
    const port = await Promise.race([listening, ended.then(({ output }) => Promise.reject(new Error(output)))]);
    this.#port = port;
    return this;
  }

  /** Leaves its output unread from now on, as a paused pager does. */
  ignoreOutput(): void {
    this.#child?.stdout?.pause();
  }

  /** Starts a relay that is expected to exit by itself. */
  async startAndEnd(): Promise<Ended> {
    await Promise.all([relayBuilt(), pageBuilt()]);
    return this.#spawn().ended;
  }

  /** Sends a signal. Resolves when the process has ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.#child?.kill(signal);
    return this.ended();
  }

  /** Resolves when the process has ended by itself. */
  async ended(): Promise<Ended> {
    return (await this.#ended) ?? { code: null, signal: null, output: '' };
  }

  kill(): Promise<Ended> {
    return this.stop('SIGKILL');
  }

  /** Kills the relay if it is running, and removes its folder. */
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
      const onOutput = (data: Buffer) => {
        output += data;
        const port = /"port":(\d+).*"msg":"listening"/.exec(output)?.[1];
        if (port === undefined) return;
        clearTimeout(timer);
        resolve(Number(port));
      };
      child.stdout.on('data', onOutput);
      child.stderr.on('data', onOutput);
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
