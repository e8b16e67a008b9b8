/** Gives a live test an end: it fails with its own name instead of hanging the run. */

export const LIVE_TEST_MS = 30_000;

/** Wraps a uvu test body so that it is rejected `ms` milliseconds after it began, whatever it waits for. */
export function within(body: () => Promise<void>, ms = LIVE_TEST_MS): () => Promise<void> {
  return async () => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`still running after ${ms} ms`)), ms);
    });
    try {
      await Promise.race([body(), late]);
    } finally {
      clearTimeout(timer);
    }
  };
}
