/**
 * Warnings: what an operator should know, each told by its name once when it begins and once when it is over, and at
 * most once in ten minutes, however often it happens.
 */
import type { Bound } from '../access/capacity.ts';
import { BUSY, FOREIGN_ORIGIN, FULL, type Refusal, TOO_MANY_ANSWERS } from '../access/refusal.ts';
import type { Clock } from '../clock.ts';

/** Named after the variable to look at, if there is one. */
export type WarningName =
  | Bound
  | 'TRUST_PROXY'
  | 'X-Forwarded-For'
  | 'ORIGINS'
  | 'MAX_PER_ADDRESS'
  | "the tutorial's clients"
  | 'MAX_CONNECTIONS'
  | 'requests'
  | 'messages'
  | 'new rooms'
  | 'load'
  | 'descriptors'
  | 'commits';

interface Kind {
  /** One sentence for the operator. */
  readonly sentence: string;
  /** How long after it happened last it is over (ms); without it, {@link Warnings.over} says so. */
  readonly overMs?: number;
}

const OVER_MS = 60_000;
/** What to do about a limit of an address. */
const IF_MANY = 'If it is that of a proxy, see TRUST_PROXY and docs/operating.md, "The client\'s address"';

const KINDS: Readonly<Record<WarningName, Kind>> = {
  TRUST_PROXY: {
    sentence:
      'X-Forwarded-For is ignored: it came from no proxy that TRUST_PROXY names. If it came from yours, everyone behind it counts as one address',
    overMs: OVER_MS,
  },
  'X-Forwarded-For': {
    sentence:
      'a proxy that TRUST_PROXY names does not say in X-Forwarded-For for whom it asks: everyone behind it counts as one address',
    overMs: OVER_MS,
  },
  ORIGINS: {
    sentence: 'connections are refused: the page that makes them is of an origin that ORIGINS does not list',
    overMs: OVER_MS,
  },
  MAX_PER_ADDRESS: {
    sentence: `connections are refused: their address has as many as MAX_PER_ADDRESS allows. ${IF_MANY}`,
    overMs: OVER_MS,
  },
  "the tutorial's clients": {
    sentence: `connections of the tutorial's clients are refused: their address has 8 of them; the page has no such limit. ${IF_MANY}`,
    overMs: OVER_MS,
  },
  MAX_CONNECTIONS: {
    sentence: 'connections are refused: there are as many as MAX_CONNECTIONS allows',
    overMs: OVER_MS,
  },
  requests: {
    sentence: `HTTP requests or handshakes are refused: their address makes too many; MAX_PER_ADDRESS scales its limit. ${IF_MANY}`,
    overMs: OVER_MS,
  },
  messages: {
    sentence: `messages are refused: their address says more than one may; RATE scales its limit. ${IF_MANY}`,
    overMs: OVER_MS,
  },
  'new rooms': {
    sentence: 'messages in new rooms are refused: their address has begun too many rooms',
    overMs: OVER_MS,
  },
  load: { sentence: 'newcomers are refused: the relay has more to do than it can', overMs: OVER_MS },
  MAX_ROOMS: { sentence: 'new rooms are refused: there are as many as MAX_ROOMS allows' },
  MAX_DISK: { sentence: 'new rooms are refused: the log uses as many bytes as MAX_DISK allows' },
  MAX_DISK_EXCEEDED: { sentence: 'no message is stored: the log uses a tenth more bytes than MAX_DISK allows' },
  descriptors: { sentence: 'the process is running out of file descriptors: raise its limit (ulimit -n, LimitNOFILE)' },
  commits: { sentence: 'messages cannot be stored: the database refuses commits' },
};

/** Returns the warning for what was refused, if an operator should know of it. */
export function warningOf(refusal: Refusal): WarningName | undefined {
  if (refusal === FULL) return 'MAX_CONNECTIONS';
  if (refusal === BUSY) return 'load';
  if (refusal === FOREIGN_ORIGIN) return 'ORIGINS';
  if (refusal.code === 'too-fast' || refusal === TOO_MANY_ANSWERS) return 'requests';
  if (refusal.inDialect) return "the tutorial's clients";
  return refusal.code === 'too-many' ? 'MAX_PER_ADDRESS' : undefined;
}

export interface WarningLine {
  readonly warning: WarningName;
  /** In a line that says that it is over: how often it has happened, or for a state how long it has lasted. */
  readonly times?: number;
  readonly seconds?: number;
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
  /** When it began and when it happened last (ms), and how often since it began. */
  since: number;
  at: number;
  times: number;
}

const BOUNDS: readonly Bound[] = ['MAX_ROOMS', 'MAX_DISK', 'MAX_DISK_EXCEEDED'];
const INTERVAL_MS = 10 * 60_000;

export class Warnings {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #tell: WarningsOptions['tell'];
  readonly #states = new Map<WarningName, State>();

  constructor(clock: Pick<Clock, 'now'>, { tell }: WarningsOptions) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** It happens, now. `details` are fields of the line, if there is one. */
  raise(name: WarningName, details: Readonly<Record<string, unknown>> = {}): void {
    const state = this.#stateOf(name);
    const now = this.#clock.now();
    state.at = now;
    if (!state.raised) state.since = now;
    state.times = state.raised ? state.times + 1 : 1;
    state.raised = true;
    if (state.told || now - state.toldAt < INTERVAL_MS) return;
    state.told = true;
    state.toldAt = now;
    this.#tell('warn', { warning: name, ...details }, KINDS[name].sentence);
  }

  /** It is over. To be called as often as that is found. */
  over(name: WarningName): void {
    const state = this.#states.get(name);
    if (!state?.raised) return;
    state.raised = false;
    if (!state.told) return;
    state.told = false;
    const seconds = Math.round((this.#clock.now() - state.since) / 1000);
    // A state is raised again whenever it is looked at, so the number of times says nothing.
    const extent = KINDS[name].overMs === undefined ? { seconds } : { times: state.times };
    this.#tell('info', { warning: name, ...extent }, 'resolved');
  }

  /** Raises the bounds that are reached, and ends the others. */
  setBounds(reached: readonly Bound[]): void {
    for (const bound of BOUNDS) {
      if (reached.includes(bound)) this.raise(bound);
      else this.over(bound);
    }
  }

  /** Ends those that have not happened for a while. To be called about once a second. */
  sweep(): void {
    const now = this.#clock.now();
    for (const [name, state] of this.#states) {
      const { overMs = Number.POSITIVE_INFINITY } = KINDS[name];
      if (now - state.at >= overMs) this.over(name);
    }
  }

  #stateOf(name: WarningName): State {
    const known = this.#states.get(name);
    if (known) return known;
    const state = { raised: false, told: false, toldAt: Number.NEGATIVE_INFINITY, since: 0, at: 0, times: 0 };
    this.#states.set(name, state);
    return state;
  }
}
