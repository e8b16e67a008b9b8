/**
 * Who someone is: the secret key a client keeps becomes the public id that everyone sees, by a one-way hash, so that
 * who keeps the key keeps the identity and nobody can borrow it.
 */

/** SHA-256 (FIPS 180-4) of a string's UTF-8, synchronous; each runtime passes its own. */
export type Sha256 = (text: string) => Uint8Array;

/** 128 bits: enough that no two of any number of users meet by chance, and no key can be found to an id. */
const ID_BYTES = 16;

/** The public id of who keeps `key`: 22 characters of base64url (RFC 4648, section 5). */
export function publicId(key: string, sha256: Sha256): string {
  return base64url(sha256(key).subarray(0, ID_BYTES));
}

/** An id that nobody else has: for who brings no key, for a message that brings no id, for a new log. */
export function randomId(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(ID_BYTES)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
