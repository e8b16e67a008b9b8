/**
 * Decides which newcomers are refused while the event loop is late, so that those who are already here do not suffer:
 * first those of the fullest network, then of those half as full, and in the end everyone. A
 * level is added while the loop stays late, and removed after it has been on time for a while. It is given the time and
 * knows no clock.
 */

/** A sample is late from here on, and on time up to here (ms). What is between changes nothing. */
const LATE_MS = 200;
const ON_TIME_MS = 50;
/** How many late samples in a row add a level: a single one can be the machine's fault. */
const LATE_SAMPLES = 2;
/** How long the loop must have been on time before a level is removed (ms). */
const CALM_MS = 2000;
/** Whoever is in a network with fewer connections is refused only along with everyone, and that after so many late samples. */
const SPARED = 16;
const HOPELESS_SAMPLES = 10;

export class LoadShedder {
  readonly #fullest: () => number;
  /** A newcomer in a network with at least so many connections is refused. */
  #threshold = Number.POSITIVE_INFINITY;
  #late = 0;
  #calmSince: number | undefined;

  /** `fullest` returns how many connections the fullest network has. */
  constructor(fullest: () => number) {
    this.#fullest = fullest;
  }

  /** Whether newcomers of a network with so many connections are refused. */
  refuses(connections: number): boolean {
    return connections >= this.#threshold;
  }

  /** Whether anyone is refused. */
  get active(): boolean {
    return this.#threshold !== Number.POSITIVE_INFINITY;
  }

  /** Takes how late the event loop was just now (ms), at `now` (ms). To be called several times a second. */
  sample(lateMs: number, now: number): void {
    if (lateMs > ON_TIME_MS) this.#calmSince = undefined;
    if (lateMs < LATE_MS) this.#late = 0;
    if (lateMs >= LATE_MS) {
      this.#late += 1;
      if (this.#late % LATE_SAMPLES === 0) this.#raise();
    } else if (lateMs <= ON_TIME_MS && this.active) {
      this.#calmSince ??= now;
      // If the clock is set back, the wait begins again.
      if (now < this.#calmSince) this.#calmSince = now;
      if (now - this.#calmSince >= CALM_MS) this.#lower(now);
    }
  }

  #raise(): void {
    const half = Math.ceil(Math.min(this.#threshold, this.#fullest() + 1) / 2);
    if (this.#late >= HOPELESS_SAMPLES) this.#threshold = 0;
    else this.#threshold = Math.min(this.#threshold, Math.max(SPARED, half));
  }

  #lower(now: number): void {
    this.#calmSince = now;
    const double = Math.max(SPARED, this.#threshold * 2);
    const spares = this.#threshold > 0 && double > this.#fullest();
    this.#threshold = spares ? Number.POSITIVE_INFINITY : double;
  }
}
