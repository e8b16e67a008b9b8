/**
 * Signals: the first one that asks the process to end shuts the relay down, and a second one ends it at once. The others
 * that would end a process, or make Node wait for a debugger, do nothing.
 */

/** A closed terminal, Ctrl-\ and a service manager all mean the same. */
const STOPPING = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const;
const IGNORED = ['SIGUSR1', 'SIGUSR2'] as const;
/** A script that runs the relay passes on a Ctrl-C that the relay has received too. */
const SAME_MS = 250;

export interface SignalsOptions {
  /** Where signals arrive: `process`. */
  readonly source: { on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown };
  /** Milliseconds of a clock that nobody sets. */
  readonly now: () => number;
  /** Called with the first signal. */
  readonly onFirst: (signal: string) => void;
  /** Called with every further one. */
  readonly onFurther: (signal: string) => void;
}

export function listenToSignals({ source, now, onFirst, onFurther }: SignalsOptions): void {
  let first: { readonly signal: string; readonly at: number } | undefined;
  for (const stopping of STOPPING) {
    source.on(stopping, signal => {
      if (!first) {
        first = { signal, at: now() };
        return onFirst(signal);
      }
      if (signal !== first.signal || now() - first.at >= SAME_MS) onFurther(signal);
    });
  }
  for (const ignored of IGNORED) source.on(ignored, () => {});
}
