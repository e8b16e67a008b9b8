/**
 * Work of several sources, such as addresses, which are served in turns: a source with much work delays only itself.
 */
export class Rotation<Work> {
  /** In the order in which it is each source's turn; work of one source in the order in which it was added. */
  readonly #waiting = new Map<unknown, Work[]>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  add(work: Work, source: unknown): void {
    const own = this.#waiting.get(source);
    if (own) own.push(work);
    else this.#waiting.set(source, [work]);
  }

  /** Takes work of the source whose turn it is. The source then waits for its next turn. */
  take(): { readonly work: Work; readonly source: unknown } | undefined {
    for (const [source, own] of this.#waiting) {
      const work = own.shift();
      this.#waiting.delete(source);
      if (own.length > 0) this.#waiting.set(source, own);
      if (work !== undefined) return { work, source };
    }
    return undefined;
  }
}
