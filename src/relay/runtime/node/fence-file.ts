/**
 * The file with the operator's fence. It is read again when it has changed, which is looked up once a second: a watcher
 * would miss a file that is replaced by another, or one on a network. A file that has changed since the last look may be
 * half written, and an empty one would allow everything, so it is read once two looks find the same.
 */
import { readFileSync, statSync } from 'node:fs';
import { Fence, FenceError, type FenceRules, parseFence } from '../../access/fence.ts';
import { reasonOf } from './file-access.ts';

export interface FenceFileOptions {
  /** Called when the fence has other rules, with their number. */
  readonly onChange: (rules: number) => void;
  /** Called with one line that says why the changed file cannot be used, so that the fence stays as it is. */
  readonly onError: (reason: string) => void;
}

/** Reads the file. Without a path, the fence allows everything. Returns an error if the file cannot be used. */
export function openFence(path: string | undefined, options: FenceFileOptions): FenceFile | FenceError {
  const state = path === undefined ? '' : stateOf(path);
  const rules = path === undefined ? undefined : read(path);
  return rules instanceof FenceError ? rules : new FenceFile(path, new Fence(rules), { state, ...options });
}

export class FenceFile {
  readonly fence: Fence;
  readonly #path: string | undefined;
  readonly #onChange: FenceFileOptions['onChange'];
  readonly #onError: FenceFileOptions['onError'];
  #state: string;
  /** What the last look has found. */
  #seen: string;
  /** Why the file could not be read the last time, though it may have the same state later. */
  #unread: string | undefined;

  /** `state` is that of the file as it was read. */
  constructor(
    path: string | undefined,
    fence: Fence,
    { state, onChange, onError }: FenceFileOptions & { readonly state: string },
  ) {
    this.#path = path;
    this.fence = fence;
    this.#state = state;
    this.#seen = state;
    this.#onChange = onChange;
    this.#onError = onError;
  }

  /** Reads the file if it has changed, or could not be read the last time. To be called about once a second. */
  poll(): void {
    if (this.#path === undefined) return;
    const [seen, state] = [this.#seen, stateOf(this.#path)];
    this.#seen = state;
    if (state !== seen || (state === this.#state && this.#unread === undefined)) return;
    const rules = read(this.#path);
    if (stateOf(this.#path) !== state) return;
    this.#state = state;
    const unread = rules instanceof Unreadable ? rules.message : undefined;
    const isKnown = unread !== undefined && unread === this.#unread;
    this.#unread = unread;
    if (rules instanceof FenceError) {
      if (!isKnown) this.#onError(`${rules.message}: the fence stays as it was`);
      return;
    }
    this.fence.replace(rules);
    this.#onChange(rules.count);
  }
}

/** The file could not be read, whatever is in it. */
class Unreadable extends FenceError {}

function read(path: string): FenceRules | FenceError {
  const asked = `FENCE is ${JSON.stringify(path)}, but`;
  try {
    // Reading a pipe or a device might never end.
    if (!statSync(path).isFile()) return new FenceError(`${asked} it is not a file`);
    const rules = parseFence(readFileSync(path, 'utf8'));
    return rules instanceof FenceError ? new FenceError(`${asked} ${rules.message}`) : rules;
  } catch (error) {
    return new Unreadable(`${asked} it cannot be read (${reasonOf(error)})`);
  }
}

/** A file that is edited in place, replaced or removed gets another state. */
function stateOf(path: string): string {
  try {
    const { mtimeNs, ctimeNs, size, ino } = statSync(path, { bigint: true });
    return `${mtimeNs} ${ctimeNs} ${size} ${ino}`;
  } catch (error) {
    return String(error instanceof Error && 'code' in error ? error.code : error);
  }
}
