/** Collects changes between two animation frames, so that the page is updated once for all of them. */

const HIDDEN_MS = 1000;

export interface FrameQueue<Change> {
  add(change: Change): void;
  /** Hands over the waiting changes at once. */
  flush(): void;
  /** Drops the waiting changes, and stops. */
  dispose(): void;
}

/**
 * `take` receives everything added since the last frame. A hidden page has no frames: there, `take` is called once a
 * second. When the page is hidden or shown, it is called at once, even without changes.
 */
export function createFrameQueue<Change>(take: (changes: readonly Change[]) => void): FrameQueue<Change> {
  let waiting: Change[] = [];
  let frame = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const empty = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    const changes = waiting;
    waiting = [];
    return changes;
  };
  const flush = () => take(empty());
  document.addEventListener('visibilitychange', flush);
  return {
    add(change) {
      if (waiting.push(change) > 1) return;
      if (document.hidden) timer = setTimeout(flush, HIDDEN_MS);
      else frame = requestAnimationFrame(flush);
    },
    flush,
    dispose() {
      empty();
      document.removeEventListener('visibilitychange', flush);
    },
  };
}
