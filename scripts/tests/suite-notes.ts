/** Facts that uvu does not report about the running test file's suites: which lack a `.run()`, and what hooks threw. */

/** The suites on which `.run()` has not been called yet, with their names. */
export const suitesNotRun = new Map<object, string>();

/** The errors of hooks, each with the suite's name; uvu drops them together with the suite's remaining tests. */
export const hookErrors: { readonly suite: string; readonly error: unknown }[] = [];
