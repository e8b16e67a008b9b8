/**
 * Warnings: what an operator should know, each told by its name once when it begins and once when it is over, and at
 * most once in ten minutes, however often it happens.
 */
import type { Clock } from '../clock.ts';

/**
 * Named after the variable to look at, if there is one. Those in capitals are seen when they happen and are over when
 * they have not happened for a minute; the others are over when {@link Warnings.over} says so.
 */
export type WarningName = 'TRUST_PROXY' | 'MAX_PER_ADDRESS' | 'MAX_CONNECTIONS' | 'descriptors' | 'commits';

/** One sentence for the operator. */
const SENTENCES: Readonly<Record<WarningName, string>> = {
  TRUST_PROXY: 'X-Forwarded-For is ignored because TRUST_PROXY is off: everyone behind a proxy counts as one address',
  MAX_PER_ADDRESS: 'connections are refused because their address has as many as MAX_PER_ADDRESS allows',
  MAX_CONNECTIONS: 'connections are refused because there are as many as MAX_CONNECTIONS allows',
  descriptors: 'the process is running out of file descriptors: raise its limit (ulimit -n, LimitNOFILE)',
  commits: 'messages cannot be stored: the database refuses commits',
};

export interface WarningLine {
  readonly warning: WarningName;
  /** How often it has happened, in a line that says that it is over. */
  readonly times?: number;
  readonly [detail: string]: unknown;
}

export interface WarningsOptions {
  /** Writes a line: `warn` when it begins, `info` when it is over. */
  readonly tell: (level: 'warn' | 'info', line: WarningLine, sentence: string) => void;
}

interface State {
  raised: boolean;
  /** Whether the operator was told that it has begun, and when that was (ms). */
  told: boolean;
  toldAt: number;
  /** When it happened last (ms), and how often since it began. */
  at: number;
  times: number;
}

const INTERVAL_MS = 10 * 60_000;
const OVER_MS = 60_000;

export class Warnings {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #tell: WarningsOptions['tell'];
  readonly #states = new Map<WarningName, State>();

  constructor(clock: Pick<Clock, 'now'>, { tell }: WarningsOptions) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Whether it is going on. */
  isRaised(name: WarningName): boolean {
    return this.#states.get(name)?.raised ?? false;
  }

  /** It happens, now. `details` are fields of the line, if there is one. */
  raise(name: WarningName, details: Readonly<Record<string, unknown>> = {}): void {
    const state = this.#stateOf(name);
    const now = this.#clock.now();
    state.at = now;
    state.times = state.raised ? state.times + 1 : 1;
    state.raised = true;
    if (state.told || now - state.toldAt < INTERVAL_MS) return;
    state.told = true;
    state.toldAt = now;
    this.#tell('warn', { warning: name, ...details }, SENTENCES[name]);
  }

  /** It is over. To be called as often as that is found. */
  over(name: WarningName): void {
    const state = this.#states.get(name);
    if (!state?.raised) return;
    state.raised = false;
    if (!state.told) return;
    state.told = false;
    this.#tell('info', { warning: name, times: state.times }, 'this is over');
  }

  /** Ends those that have not happened for a while. To be called about once a second. */
  sweep(): void {
    const now = this.#clock.now();
    for (const [name, state] of this.#states) {
      if (name === name.toUpperCase() && now - state.at >= OVER_MS) this.over(name);
    }
  }

  #stateOf(name: WarningName): State {
    const known = this.#states.get(name);
    if (known) return known;
    const state = { raised: false, told: false, toldAt: Number.NEGATIVE_INFINITY, at: 0, times: 0 };
    this.#states.set(name, state);
    return state;
  }
}
