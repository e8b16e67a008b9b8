/** A relay on Workers in its own process: `wrangler dev --local`. It can be started, killed and started again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endGroup, type GroupLeader, startGroup } from '../../scripts/tests/process-group.ts';
import { pageBuilt } from './built.ts';
import { freePort } from './ports.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_MS = 60_000;

export class WorkersProcess {
  readonly #folder = mkdtempSync(join(tmpdir(), 'heartline-workers-'));
  readonly #vars: Readonly<Record<string, string>>;
  readonly #config: readonly string[];
  #child: GroupLeader | undefined;
  #ended: Promise<void> = Promise.resolve();
  #port = 0;
  #output = '';

  /** `vars` are the Worker's variables. `config` is the path of a wrangler configuration, by default the relay's. */
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

  /** Everything that the process has printed. */
  get output(): string {
    return this.#output;
  }

  /** Starts the relay, on the same port and with the same storage as before. Resolves once it serves requests. */
  async start(): Promise<this> {
    await pageBuilt();
    this.#port ||= await freePort();
    const vars = Object.entries(this.#vars).flatMap(([name, value]) => ['--var', `${name}:${value}`]);
    const program = join(ROOT, 'node_modules/.bin/wrangler');
    const inspector = `${await freePort()}`;
    const args = ['dev', '--local', '--port', `${this.#port}`, '--inspector-port', inspector, '--ip', '127.0.0.1'];
    // Killing only wrangler would leave its workerd running.
    const child = startGroup(program, [...args, ...this.#config, '--persist-to', this.#folder, ...vars], {
      cwd: ROOT,
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

  /** Kills the process and everything it started, without warning, as a deploy or a crash does. */
  async kill(): Promise<void> {
    if (!this.#child) return;
    endGroup(this.#child);
    await this.#ended;
    this.#child = undefined;
  }

  /** Kills the relay and removes its storage. */
  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
