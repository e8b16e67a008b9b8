/**
 * Identities: the secret key that a client keeps becomes the public id that everyone sees, by a one-way hash. A client that
 * keeps its key keeps its identity, and nobody else can take it.
 */

/** SHA-256 (FIPS 180-4) of a string's UTF-8, synchronous; each runtime provides its own. */
export type Sha256 = (text: string) => Uint8Array;

/** 128 bits: no two ids are the same by chance, however many users there are, and no key can be found for an id. */
const ID_BYTES = 16;

/** The public id of the client that keeps `key`: 22 characters of base64url (RFC 4648, section 5). */
export function publicId(key: string, sha256: Sha256): string {
  return base64url(sha256(key).subarray(0, ID_BYTES));
}

/** An id that nobody else has: for a client without a key, for a message without an id, for a new log. */
export function randomId(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
