/**
 * The messages of a room that wait for their commit, in the order in which they were appended. They are not in a `Set`,
 * because V8 keeps each table that a set has outgrown for as long as the one before it, with everything that was in it: in
 * a busy room that is a third of what survives a collection of the young generation.
 */
export class PendingMessages<P> implements Iterable<P> {
  #messages: P[] = [];
  /** How many at the front have been committed, or have failed. */
  #settled = 0;

  get size(): number {
    return this.#messages.length - this.#settled;
  }

  add(message: P): void {
    this.#messages.push(message);
  }

  /** Removes a message that was added. Commits settle the oldest ones first. */
  remove(message: P): void {
    if (this.#messages[this.#settled] === message) this.#settled += 1;
    else this.#messages.splice(this.#messages.indexOf(message, this.#settled), 1);
    if (this.size === 0 || this.#settled === MAX_SETTLED) {
      this.#messages = this.#messages.slice(this.#settled);
      this.#settled = 0;
    }
  }

  [Symbol.iterator](): Iterator<P> {
    return this.#messages.slice(this.#settled).values();
  }
}

/** Settled messages that are kept until they are dropped together. */
const MAX_SETTLED = 1024;
