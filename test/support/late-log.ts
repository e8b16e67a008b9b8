/**
 * A log that answers later, as a clustered one does: the test decides when. An answer is the log's content at the time
 * of the call. Its promises run their callbacks within {@link LateLog.answer}, so that a test stays in one turn.
 */
import type { Entry } from '../../src/relay/log/entry.ts';
import type { Log, LogListener, RoomLog } from '../../src/relay/log/log.ts';
import type { Soon } from '../../src/relay/log/soon.ts';

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/** A promise that the test settles, and that then runs its callbacks at once. */
export class Answer<T> extends Promise<T> {
  #outcome: Outcome<T> | undefined;
  readonly #waiting: ((outcome: Outcome<T>) => void)[] = [];

  constructor() {
    super(() => {});
  }

  /** The value, if it is settled; throws the reason if it was rejected. */
  get value(): T | undefined {
    if (this.#outcome && 'error' in this.#outcome) throw this.#outcome.error;
    return this.#outcome?.value;
  }

  settle(outcome: Outcome<T>): void {
    this.#outcome = outcome;
    for (const wait of this.#waiting.splice(0)) wait(outcome);
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise.
  override then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Answer<A | B> {
    const next = new Answer<A | B>();
    const resolve = (value: A | B | PromiseLike<A | B>) => {
      if (value instanceof Promise) value.then(resolve, error => next.settle({ error }));
      // Not a promise, and there are no other thenables here.
      else next.settle({ value: value as A | B });
    };
    const go = (outcome: Outcome<T>) => {
      try {
        if ('error' in outcome) {
          if (onError) resolve(onError(outcome.error));
          else next.settle(outcome);
        } else {
          // Without a callback the value is passed on, and then it has this type.
          resolve(onValue ? onValue(outcome.value) : (outcome.value as unknown as A));
        }
      } catch (error) {
        next.settle({ error });
      }
    };
    if (this.#outcome) go(this.#outcome);
    else this.#waiting.push(go);
    return next;
  }
}

export class LateLog implements Log {
  /** Reads fail from here on. */
  broken = false;
  readonly #inner: Log;
  readonly #asked: (() => void)[] = [];

  constructor(inner: Log) {
    this.#inner = inner;
  }

  /** The number of unanswered reads. */
  get asked(): number {
    return this.#asked.length;
  }

  /** Answers all reads, and the ones that follow from them. */
  answer(): void {
    while (this.#asked.length > 0) this.#asked.shift()?.();
  }

  /** Answers the last read before all earlier ones. */
  answerLast(): void {
    this.#asked.pop()?.();
  }

  open(name: string, listener: LogListener): RoomLog {
    const room = this.#inner.open(name, listener);
    return {
      get epoch() {
        return room.epoch;
      },
      get head() {
        return room.head;
      },
      get seqFloor() {
        return room.seqFloor;
      },
      get oldest() {
        return room.oldest;
      },
      isEpoch: epoch => room.isEpoch(epoch),
      append: entry => room.append(entry),
      after: (...args) => this.#later(room.after(...args)),
      messagesBefore: (...args) => this.#later(room.messagesBefore(...args)),
      keysBefore: (...args) => room.keysBefore(...args),
      missed: (since, next) => room.missed(since, next),
    };
  }

  commit(): void {
    this.#inner.commit();
  }

  #later(found: Soon<Entry[]>): Promise<Entry[]> {
    if (found instanceof Promise) throw new Error('an embedded log answered with a promise');
    const answer = new Answer<Entry[]>();
    const outcome = this.broken ? { error: new Error('the log is away') } : { value: found };
    this.#asked.push(() => answer.settle(outcome));
    return answer;
  }
}
