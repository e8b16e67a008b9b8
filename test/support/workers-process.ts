/** The relay at the edge as a process of its own: `wrangler dev --local`, started, killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pageBuilt } from './built.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_MS = 60_000;

export class EdgeProcess {
  readonly #folder = mkdtempSync(join(tmpdir(), 'heartline-edge-'));
  readonly #vars: Readonly<Record<string, string>>;
  readonly #config: readonly string[];
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #port = 0;
  #output = '';

  /** `vars` are the Worker's variables; `config` is the path of another wrangler configuration than the relay's. */
  constructor(vars: Readonly<Record<string, string>> = {}, { config }: { readonly config?: string } = {}) {
    this.#vars = vars;
    this.#config = config === undefined ? [] : ['--config', config];
  }

  get host(): string {
    return `localhost:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Everything it has printed. */
  get output(): string {
    return this.#output;
  }

  /** Starts it, from the second time on at the same port and with the same storage; resolves once it serves. */
  async start(): Promise<this> {
    await pageBuilt();
    this.#port ||= await freePort();
    const vars = Object.entries(this.#vars).flatMap(([name, value]) => ['--var', `${name}:${value}`]);
    const program = join(ROOT, 'node_modules/.bin/wrangler');
    const inspector = `${await freePort()}`;
    const args = ['dev', '--local', '--port', `${this.#port}`, '--inspector-port', inspector, '--ip', '127.0.0.1'];
    // A group of its own: killed by itself alone, wrangler would leave its workerd behind.
    const child = spawn(program, [...args, ...this.#config, '--persist-to', this.#folder, ...vars], {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        CI: 'true',
        WRANGLER_SEND_METRICS: 'false',
        WRANGLER_HIDE_BANNER: 'true',
        CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      },
    });
    this.#child = child;
    this.#ended = new Promise(resolve => child.once('close', () => resolve()));
    await new Promise<void>((resolve, reject) => {
      const from = this.#output.length;
      const timer = setTimeout(() => reject(new Error(`wrangler does not serve: ${this.#output}`)), START_MS);
      child.once('close', () => reject(new Error(`wrangler ended: ${this.#output}`)));
      const hear = (data: Buffer) => {
        this.#output += data;
        if (!/Ready on/.test(this.#output.slice(from))) return;
        clearTimeout(timer);
        resolve();
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
    });
    return this;
  }

  /** Ends it and everything it started, without a warning, as a deploy or a crash does. */
  async kill(): Promise<void> {
    const { pid } = this.#child ?? {};
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
    await this.#ended;
    this.#child = undefined;
  }

  /** Ends it and removes what it stored. */
  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise(resolve => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
