/** The limits of the protocol and its close codes. */

/** UTF-16 units in one message. */
export const MAX_MESSAGE_LENGTH = 4096;
/** Bytes in one frame from a client; a larger one closes the connection with {@link CLOSE_TOO_BIG}. */
export const MAX_FRAME_BYTES = 65_536;
/** Code points in a user's name. */
export const MAX_USER_LENGTH = 32;
/** Entries in one page, and bytes of their encoded frames. */
export const MAX_PAGE_ENTRIES = 200;
export const MAX_PAGE_BYTES = 256_000;
/** Messages in the first page of a newcomer, and how many places back they are looked for. */
export const JOIN_MESSAGES = 50;
export const MAX_JOIN_PLACES = 1000;
/** People named in a welcome; a larger room sends counts alone. */
export const MAX_PEOPLE_LISTED = 200;

export const CLOSE_TOO_BIG = 1009;
export const CLOSE_FAULT = 1011;
/** The reason holds the milliseconds over which clients spread their return. */
export const CLOSE_RESTART = 1012;
/** The relay is full, or (reason {@link REASON_SLOW}) this client reads too slowly. */
export const CLOSE_BUSY = 1013;
export const CLOSE_GARBAGE = 4400;
export const CLOSE_UNAUTHORIZED = 4401;
export const CLOSE_FORBIDDEN = 4403;
export const CLOSE_SILENT = 4408;
export const CLOSE_CROWDED = 4429;

export const REASON_SLOW = 'slow';
