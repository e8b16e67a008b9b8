/** One of the compared servers as a separate process, on its own core if there is one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accepts, freePort } from '../test/support/ports.ts';
import type { Peer } from './peers.ts';
import { BENCH, OUT, onCore } from './programs.ts';

const SERVER_CORE = 0;
const START_MS = 15_000;
const POLL_MS = 25;
/** The length of the error output to keep, in characters. */
const MAX_ERROR_LENGTH = 2000;

const PROFILING = ['--cpu-prof', `--cpu-prof-dir=${OUT}`];
const COLLECTING = ['--require', join(BENCH, 'collect.cjs')];

/** Options for a server that Node runs. */
export interface ServerOptions {
  /** Writes a CPU profile to `out/`. */
  readonly profile?: boolean;
  /** Collects all garbage on each SIGUSR2. */
  readonly collect?: boolean;
}

export class Server {
  readonly peer: Peer;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #profile: boolean;
  #errors = '';

  private constructor(peer: Peer, port: number, { profile = false, collect = false }: ServerOptions) {
    this.peer = peer;
    this.port = port;
    this.#profile = profile;
    this.#folder = mkdtempSync(join(tmpdir(), 'heartline-bench-'));
    const [program = '', ...own] = peer.command();
    const extra = [...(profile ? PROFILING : []), ...(collect ? COLLECTING : [])];
    const [command = '', ...args] = onCore(SERVER_CORE, [program, ...extra, ...own]);
    this.#child = spawn(command, args, {
      env: {
        PATH: process.env.PATH,
        HOME: this.#folder,
        PORT: String(port),
        DATA: join(this.#folder, 'heartline.db'),
        ...peer.env,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr?.on('data', data => {
      this.#errors = (this.#errors + data).slice(-MAX_ERROR_LENGTH);
    });
    this.#child.on('error', error => {
      this.#errors = error.message;
    });
  }

  /** Resolves once it listens; rejects with its error. */
  static async start(peer: Peer, options: ServerOptions = {}): Promise<Server> {
    const server = new Server(peer, await freePort(), options);
    try {
      await server.#listens();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Kills it; if it is to write a profile, asks it to exit first. */
  async stop(): Promise<void> {
    if (this.pid !== 0 && this.#runs) {
      const ended = once(this.#child, 'exit');
      this.#child.kill(this.#profile ? 'SIGTERM' : 'SIGKILL');
      await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async #listens(): Promise<void> {
    for (const deadline = Date.now() + START_MS; Date.now() < deadline; ) {
      if (this.pid === 0 || !this.#runs) break;
      if (await accepts(this.port)) return;
      await new Promise(resolve => setTimeout(resolve, POLL_MS));
    }
    const line = this.#errors.split('\n').find(text => /error/i.test(text)) ?? this.#errors.split('\n')[0];
    throw new Error(`does not start: ${line || 'it said nothing'}`);
  }
}
