/** The attacking program as a child process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Order } from './attacker.ts';
import type { Effort, TargetOptions } from './target.ts';

const PROGRAM = fileURLToPath(new URL('attacker.ts', import.meta.url));
/** How long the attacker, which may have the lowest priority, may take to answer. */
const ANSWER_MS = 60_000;

export interface AttackerOptions {
  /** How much it gives way to other processes, from 0 to 19. */
  readonly nice: number;
  /** What is put before the command, to run it on a core of its own. */
  readonly prefix?: readonly string[];
}

export class AttackerProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor({ nice, prefix = [] }: AttackerOptions) {
    const [command = '', ...args] = [...prefix, 'nice', '-n', `${nice}`, process.execPath, '--import', 'tsx', PROGRAM];
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin?.on('error', () => {});
    const { stdout } = this.#child;
    if (!stdout) throw new Error('the attacker has no output');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  static async start(options: AttackerOptions): Promise<AttackerProcess> {
    const attacker = new AttackerProcess(options);
    await attacker.#line();
    return attacker;
  }

  /** Begins an attack, and ends the one before. */
  async attack(name: string, target: TargetOptions): Promise<void> {
    await this.#order({ attack: name, ...target });
  }

  /** Ends the attack. Resolves with what it has done, once its connections are closed. */
  async end(): Promise<Effort> {
    return JSON.parse(await this.#order({}));
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #order(order: Order): Promise<string> {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
    return this.#line();
  }

  async #line(): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the attacker does not answer')), ANSWER_MS);
    });
    try {
      const { done, value } = await Promise.race([this.#lines.next(), late]);
      if (done) throw new Error('the attacker has ended');
      return value;
    } finally {
      clearTimeout(timer);
    }
  }
}
