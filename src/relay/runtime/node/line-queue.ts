/**
 * A bounded queue of log lines in front of an output that may stand still or fail. Writing to it never blocks. Lines
 * that do not fit, or come faster than anyone could read them, are dropped and counted.
 */
import type { Clock } from '../../clock.ts';

export interface LineOutput {
  /** Writes whole lines, and calls `written` once: when they are written, or with the error if they are lost. */
  write(lines: string, written: (error?: unknown) => void): void;
}

export interface LineQueueOptions {
  readonly clock: Pick<Clock, 'now' | 'setTimeout' | 'clearTimeout'>;
  /** Called with the number of dropped lines once lines are written again. It may write a line that says so. */
  readonly onDropped: (lines: number) => void;
}

/** The most characters that may wait. */
const MAX_WAITING = 262_144;
/** The most lines in a window of ten seconds, so that nobody outside can fill a disk with them. */
const MAX_LINES = 1000;
const WINDOW_MS = 10_000;
/** How often to look whether lines are written again, after some were dropped. */
const LOOK_MS = 1000;

export class LineQueue {
  readonly #output: LineOutput;
  readonly #clock: LineQueueOptions['clock'];
  readonly #onDropped: (lines: number) => void;
  #waiting: string[] = [];
  /** Characters that wait or are being written, and lines that are being written. */
  #size = 0;
  #writing = 0;
  #windowAt = Number.NEGATIVE_INFINITY;
  #inWindow = 0;
  #dropped = 0;
  /** The number of dropped lines that is being written. */
  #telling = 0;
  #looks = false;
  #onEmpty: (() => void) | undefined;

  constructor(output: LineOutput, { clock, onDropped }: LineQueueOptions) {
    this.#output = output;
    this.#clock = clock;
    this.#onDropped = onDropped;
  }

  /** Takes a line with its line break. */
  write(line: string): void {
    const now = this.#clock.now();
    if (now - this.#windowAt >= WINDOW_MS) {
      this.#windowAt = now;
      this.#inWindow = 0;
      if (this.#size === 0) this.#tell();
    }
    this.#inWindow += 1;
    if (this.#size + line.length > MAX_WAITING || this.#inWindow > MAX_LINES) return this.#drop(1);
    this.#size += line.length;
    this.#waiting.push(line);
    this.#flush();
  }

  /** Calls `run` once everything is written, or after `ms` milliseconds. */
  end(ms: number, run: () => void): void {
    if (this.#size === 0) this.#tell();
    if (this.#size === 0) return run();
    const timer = this.#clock.setTimeout(() => this.#onEmpty?.(), ms);
    this.#onEmpty = () => {
      this.#onEmpty = undefined;
      this.#clock.clearTimeout(timer);
      run();
    };
  }

  #flush(): void {
    if (this.#writing > 0 || this.#waiting.length === 0) return;
    const lines = this.#waiting.join('');
    this.#writing = this.#waiting.length;
    this.#waiting = [];
    this.#output.write(lines, error => this.#written(lines.length, error));
  }

  #written(length: number, error: unknown): void {
    this.#size -= length;
    // The line that tells of dropped ones is written alone. If it is lost, they are still to be told.
    if (error) this.#drop(this.#telling || this.#writing);
    this.#telling = 0;
    this.#writing = 0;
    this.#flush();
    if (this.#size === 0) this.#onEmpty?.();
  }

  #drop(lines: number): void {
    this.#dropped += lines;
    if (!this.#looks) this.#lookLater();
  }

  #lookLater(): void {
    this.#looks = true;
    this.#clock.setTimeout(() => {
      this.#looks = false;
      const isFlood = this.#inWindow >= MAX_LINES && this.#clock.now() - this.#windowAt < WINDOW_MS;
      if (this.#size === 0 && !isFlood) this.#tell();
      if (this.#dropped > 0 && !this.#looks) this.#lookLater();
    }, LOOK_MS);
  }

  /** To be called only if nothing waits. */
  #tell(): void {
    if (this.#dropped === 0) return;
    this.#telling = this.#dropped;
    this.#dropped = 0;
    this.#onDropped(this.#telling);
    if (this.#writing === 0) this.#telling = 0;
  }
}
