/** A deadline for tests that wait for something: a late test fails by name instead of blocking the run. */

export const LIVE_TEST_MS = 30_000;

/** Wraps the body of a uvu test so that it rejects after `ms` milliseconds, whatever it waits for. */
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
