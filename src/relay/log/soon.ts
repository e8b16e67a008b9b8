/** Answers that may come later: from a clustered log. An embedded log never answers with a promise. */
export type Soon<T> = T | Promise<T>;

/** Goes on with an answer once it is there, which is within this call unless it is a promise. */
export function whenReady<T, U>(answer: Soon<T>, use: (value: T) => Soon<U>): Soon<U> {
  return answer instanceof Promise ? answer.then(use) : use(answer);
}
