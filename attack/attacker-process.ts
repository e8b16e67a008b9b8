/** The attacking program as a child process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Order } from './attacker.ts';
import type { Effort, TargetOptions } from './target.ts';

const PROGRAM = fileURLToPath(new URL('attacker.ts', import.meta.url));
/** How long the attacker, which has the lowest priority, may take to answer. */
const ANSWER_MS = 10_000;

export class AttackerProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** `prefix` is put before the command, to run it on a core of its own. */
  private constructor(prefix: readonly string[]) {
    const [command = '', ...args] = [...prefix, 'nice', '-n', '19', process.execPath, '--import', 'tsx', PROGRAM];
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin?.on('error', () => {});
    const { stdout } = this.#child;
    if (!stdout) throw new Error('the attacker has no output');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  static async start(prefix: readonly string[] = []): Promise<AttackerProcess> {
    const attacker = new AttackerProcess(prefix);
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
