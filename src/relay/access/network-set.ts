/** A set of networks that finds out about an address in logarithmic time, however many networks there are. */
import { addressKey, type Network, networkRange } from './address.ts';

export class NetworkSet {
  /** The first and the last address of ranges that do not overlap, in ascending order. */
  readonly #first: string[] = [];
  readonly #last: string[] = [];

  constructor(networks: readonly Network[] = []) {
    const ranges = networks.map(networkRange).sort((a, b) => (a.first < b.first ? -1 : 1));
    let end = '';
    for (const { first, last } of ranges) {
      // One network either contains another or has nothing in common with it.
      if (last <= end) continue;
      this.#first.push(first);
      this.#last.push(last);
      end = last;
    }
  }

  /** Whether an address, in any form, is in one of the networks. */
  has(address: string): boolean {
    const key = this.#first.length > 0 ? addressKey(address) : undefined;
    if (key === undefined) return false;
    let [low, high] = [0, this.#first.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#last[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    const first = this.#first[low];
    return first !== undefined && first <= key;
  }
}
