/** The bystanders: people who talk while the relay is attacked, as the load generator plays them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Latency } from '../bench/load.ts';
import { onCore } from '../bench/programs.ts';

/** The address of the attacker, and of the bystanders behind it. */
export const ATTACKER = '127.0.0.66';
export const ATTACKED_ROOM = 'attacked';
/** The load generator and the attacker share this core; the relay has the other. */
export const LOAD_CORE = 1;

/**
 * Who talks: in another room from another address, in the attacked room from another address, and in another room from
 * the attacker's own address. They stay below the rate of newcomers of one address in a room.
 */
const GROUPS = [
  'name=elsewhere,path=/rooms/elsewhere,readers=3,senders=3,rate=4,watched=1,source=127.0.0.2',
  `name=same,path=/rooms/${ATTACKED_ROOM},readers=3,senders=3,rate=4,watched=1,source=127.0.0.3`,
  `name=behind,path=/rooms/behind,readers=2,senders=2,rate=2,watched=1,source=${ATTACKER}`,
];

/** How one group of bystanders fared in a round. */
export interface Fared {
  readonly name: string;
  /** The people in the group, each of whom reads every message. */
  readonly readers: number;
  /** Messages said, and messages read by all of them together. */
  readonly sent: number;
  readonly delivered: number;
  /** Connections closed by the relay, frames refused, and messages read out of order, twice, or after a missing one. */
  readonly closed: number;
  readonly refused: number;
  readonly misplaced: number;
  /** From saying a message to reading it. */
  readonly each: Latency;
}

export class Bystanders {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  /** Two rounds of talk over the same connections; `program` is the load generator. */
  constructor(program: string, { port, pid, seconds }: { port: number; pid: number; seconds: number }) {
    const settings = [`port=${port}`, `pid=${pid}`, 'wire=heartline', 'rounds=2', 'warm=1', `seconds=${seconds}`];
    const [command = '', ...args] = onCore(LOAD_CORE, [program, ...settings, ...GROUPS]);
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stderr?.on('data', data => {
      this.#errors += data;
    });
    const { stdout } = this.#child;
    if (!stdout) throw new Error('the load generator has no output');
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  /** Resolves at the end of the first round, which begins by itself. */
  first(): Promise<readonly Fared[]> {
    return this.#round();
  }

  /** Begins the second round. Resolves at its end. */
  second(): Promise<readonly Fared[]> {
    this.#child.kill('SIGUSR1');
    return this.#round();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async #round(): Promise<readonly Fared[]> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error(`the load generator has ended: ${this.#errors.trim()}`);
    const { groups }: { groups: readonly Fared[] } = JSON.parse(value);
    return groups;
  }
}
