/** The relay's rate and burst, kept on this side too, so that it need not refuse. */
export class Pace {
  #tokens = 0;
  #at = 0;
  #rate = 0;
  #burst = 0;

  /** Begins anew under these limits; `rate` 0 lifts them. */
  start(rate: number, burst: number, now: number): void {
    this.#rate = rate;
    this.#burst = burst;
    // The hello counted too.
    this.#tokens = burst - 1;
    this.#at = now;
  }

  /** Takes a turn at `now` (ms): 0, or the milliseconds until there is one. */
  take(now: number): number {
    if (this.#rate === 0) return 0;
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) * this.#rate) / 1000);
    this.#at = now;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) * 1000) / this.#rate);
    this.#tokens--;
    return 0;
  }
}
