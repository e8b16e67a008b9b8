/** What uvu does not say about the suites of the test file that runs: which wait for a `.run()`, and what hooks threw. */

/** The suites without a `.run()` so far, with their names. */
export const suitesNotRun = new Map<object, string>();

/** The errors of hooks, each with the suite's name; uvu drops them together with the suite's remaining tests. */
export const hookErrors: { readonly suite: string; readonly error: unknown }[] = [];
