/** Counts something per network of addresses: per subscriber, and per site, which may have ten times as much. */
import { type AddressNetworks, SITE_FACTOR, SITE_SUFFIX } from './address.ts';

export class NetworkCounts {
  readonly #counts = new Map<string, number>();

  /** Counts one more. Returns whether the subscriber now has more than `max`, or the site more than its multiple. */
  enter({ subscriber, site }: AddressNetworks, max: number): boolean {
    const here = this.#add(subscriber, 1);
    const onSite = site === undefined ? 0 : this.#add(site, 1);
    return here > max || onSite > max * SITE_FACTOR;
  }

  /** Counts one less. */
  leave({ subscriber, site }: AddressNetworks): void {
    this.#add(subscriber, -1);
    if (site !== undefined) this.#add(site, -1);
  }

  /** Whether the subscriber has at least `max`, or the site its multiple. */
  has({ subscriber, site }: AddressNetworks, max: number): boolean {
    return this.of(subscriber) >= max || (site !== undefined && this.of(site) >= max * SITE_FACTOR);
  }

  /** How many a subscriber or a site has. */
  of(network: string): number {
    return this.#counts.get(network) ?? 0;
  }

  /** How full a subscriber's network is: what it has itself, or a tenth of what its site has. */
  fullness({ subscriber, site }: AddressNetworks): number {
    return Math.max(this.of(subscriber), site === undefined ? 0 : this.of(site) / SITE_FACTOR);
  }

  /** The most that {@link fullness} is for anyone. */
  fullest(): number {
    let most = 0;
    for (const [network, count] of this.#counts) {
      most = Math.max(most, network.endsWith(SITE_SUFFIX) ? count / SITE_FACTOR : count);
    }
    return most;
  }

  #add(network: string, change: number): number {
    const count = this.of(network) + change;
    if (count > 0) this.#counts.set(network, count);
    else this.#counts.delete(network);
    return count;
  }
}
