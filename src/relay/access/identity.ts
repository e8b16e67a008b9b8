/**
 * Identities: a one-way hash turns a client's secret key into the public id that everyone sees. A client that keeps its
 * key keeps its identity, and nobody else can take it.
 */

/** Computes the SHA-256 (FIPS 180-4) of a string's UTF-8 bytes, synchronously. Each runtime provides its own. */
export type Sha256 = (text: string) => Uint8Array;

/** 128 bits: two ids are never equal by chance, however many users there are, and nobody can find a key for an id. */
const ID_BYTES = 16;

/** Returns the public id for a key: 22 characters of base64url (RFC 4648, section 5). */
export function publicId(key: string, sha256: Sha256): string {
  return base64url(sha256(key).subarray(0, ID_BYTES));
}

/** Returns a unique id: for a client without a key, a message without an id, or a new log. */
export function randomId(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
