/** Collects changes between two animation frames, so that the page is updated once for all of them. */

const HIDDEN_MS = 1000;

export class FrameQueue<Change> {
  readonly #take: (changes: readonly Change[]) => void;
  #waiting: Change[] = [];
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * `take` receives everything added since the last frame. A hidden page has no frames: there, `take` is called once a
   * second. When the page is hidden or shown, it is called at once, even without changes.
   */
  constructor(take: (changes: readonly Change[]) => void) {
    this.#take = take;
    document.addEventListener('visibilitychange', this.flush);
  }

  add(change: Change): void {
    if (this.#waiting.push(change) > 1) return;
    if (document.hidden) this.#timer = setTimeout(this.flush, HIDDEN_MS);
    else this.#frame = requestAnimationFrame(this.flush);
  }

  /** Hands over the waiting changes at once. */
  readonly flush = (): void => {
    this.#take(this.#empty());
  };

  /** Drops the waiting changes, and stops. */
  dispose(): void {
    this.#empty();
    document.removeEventListener('visibilitychange', this.flush);
  }

  #empty(): readonly Change[] {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    const changes = this.#waiting;
    this.#waiting = [];
    return changes;
  }
}
