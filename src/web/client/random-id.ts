/** Makes a unique id: 128 random bits in `a-z0-9`. */

declare const crypto: { getRandomValues(numbers: Uint32Array): Uint32Array };

/** Not `crypto.randomUUID`, which is missing on plain HTTP. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), part => part.toString(36).padStart(7, '0')).join('');
}
