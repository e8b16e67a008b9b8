/** Gathers what comes between two animation frames, so that the page changes once for all of it. */

const HIDDEN_MS = 1000;

export class FrameQueue<Change> {
  readonly #take: (changes: readonly Change[]) => void;
  #waiting: Change[] = [];
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * `take` gets everything added since the last frame; once a second while the page is hidden, which has no frames; and
   * whatever waits, if only nothing, when the page is hidden or shown.
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

  /** Hands over at once what waits. */
  readonly flush = (): void => {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    const changes = this.#waiting;
    this.#waiting = [];
    this.#take(changes);
  };

  /** Forgets what waits and leaves nothing behind. */
  dispose(): void {
    this.#waiting = [];
    this.flush();
    document.removeEventListener('visibilitychange', this.flush);
  }
}
