/** An answer that a clustered log may give later. An embedded log never answers with a promise. */
export type Soon<T> = T | Promise<T>;

/** Calls `use` with an answer: within this call unless it is a promise. */
export function whenReady<T, U>(answer: Soon<T>, use: (value: T) => Soon<U>): Soon<U> {
  return answer instanceof Promise ? answer.then(use) : use(answer);
}
