/** The gate's view of one connection, from its opening to its close: what the connection and its people may do. */
import type { Allowance, Excess, FrameRefusal } from '../room/context.ts';
import type { Dialect } from '../room/dialect.ts';
import { sourceOf } from './address.ts';
import type { Admission } from './admission.ts';
import type { Capacity } from './capacity.ts';
import type { ConnectionRates } from './connection-rates.ts';
import type { Fence } from './fence.ts';
import type { NewRooms } from './new-rooms.ts';
import type { Refusal } from './refusal.ts';

/** The rules that all connections share, in one object, so that each connection has one field for them. */
export interface Rules {
  readonly fence: Fence;
  readonly capacity: Capacity;
  /** `undefined` if there are no limits per address. */
  readonly newRooms: NewRooms | undefined;
  readonly onNewRoomsRefused?: (() => void) | undefined;
  readonly onMessagesRefused?: (() => void) | undefined;
}

export interface VisitOptions {
  readonly rules: Rules;
  readonly address: string;
  readonly room: string;
  readonly dialect: Dialect;
  readonly refusal: Refusal | undefined;
}

export class Visit implements Allowance {
  /** Why it may not join its room; `undefined` if it may. */
  readonly refusal: Refusal | undefined;
  readonly #admission: Admission;
  /** `undefined` if there is no limit. */
  readonly #rates: ConnectionRates | undefined;
  readonly #rules: Rules;
  readonly #address: string;
  readonly #room: string;
  readonly #dialect: Dialect;

  constructor(
    admission: Admission,
    rates: ConnectionRates | undefined,
    { rules, address, room, dialect, refusal }: VisitOptions,
  ) {
    this.#admission = admission;
    this.#rates = rates;
    this.#rules = rules;
    this.#address = address;
    this.#room = room;
    this.#dialect = dialect;
    this.refusal = refusal;
  }

  get source(): string {
    return sourceOf(this.#address);
  }

  get waitMs(): number {
    return this.#rates?.waitMs ?? 0;
  }

  count(now: number, length: number): Excess | undefined {
    return this.#rates?.count(now, length);
  }

  uncount(): void {
    this.#rates?.uncount();
  }

  take(now: number, isRetry = false): FrameRefusal | undefined {
    return this.#rates?.take(now, isRetry);
  }

  takeMessage(isNewcomer: boolean): FrameRefusal | undefined {
    const refusal = this.#rates?.takeMessage(isNewcomer);
    if (refusal) this.#rules.onMessagesRefused?.();
    return refusal;
  }

  store(now: number, message: string, isFirst: boolean): FrameRefusal | undefined {
    const { capacity, newRooms, onNewRoomsRefused } = this.#rules;
    if (isFirst ? capacity.isFull : capacity.isExceeded) return { code: 'full' };
    const retryMs = isFirst ? (newRooms?.take(this.#address, now) ?? 0) : 0;
    if (retryMs > 0) {
      onNewRoomsRefused?.();
      return { code: 'too-fast', retryMs };
    }
    capacity.add(message, isFirst);
    return undefined;
  }

  allows(from?: string): boolean {
    return this.#rules.fence.allows(this.#address, this.#room, from);
  }

  /** Stops counting the connection. To be called once its socket is closed. */
  end(): void {
    this.#rates?.end();
    this.#admission.leave(this.#address, this.#dialect, this.refusal !== undefined);
  }
}
