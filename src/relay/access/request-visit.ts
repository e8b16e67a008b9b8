/** The gate's view of one HTTP request or handshake, from its arrival until it has been answered. */
import type { Refusal } from './refusal.ts';

/** An HTTP request or a handshake, before anything else is known of it. */
export interface Arrival {
  /** The client's address, as far as it is known. */
  readonly address: string;
  /** How much of the address's rate it takes; see http-limits.ts. */
  readonly cost: number;
  /** Whether it asks whether the relay is alive or ready, which must also be answered when nothing else is. */
  readonly vital: boolean;
}

export class RequestVisit {
  /** Why it may not be handled; `undefined` if it may. */
  readonly refusal: Refusal | undefined;
  readonly #onEnd: () => void;

  constructor(refusal: Refusal | undefined, onEnd: () => void) {
    this.refusal = refusal;
    this.#onEnd = onEnd;
  }

  /** Stops counting it. To be called once, when it has been answered or its connection is closed. */
  end(): void {
    this.#onEnd();
  }
}
