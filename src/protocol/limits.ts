/** The limits of the protocol and its close codes. */

/** The most UTF-16 units in a message. */
export const MAX_MESSAGE_LENGTH = 4096;
/** The most lines in a message. */
export const MAX_MESSAGE_LINES = 200;
/** The most bytes in a frame from a client; a larger one closes the connection with {@link CLOSE_TOO_BIG}. */
export const MAX_FRAME_BYTES = 65_536;
/** The most code points in a user's name. */
export const MAX_USER_LENGTH = 32;
/** The most UTF-16 units in a user's name before anything is removed from it. */
export const MAX_RAW_USER_LENGTH = 1024;
/** The most entries in a page, and bytes of their encoded frames. */
export const MAX_PAGE_ENTRIES = 200;
export const MAX_PAGE_BYTES = 256_000;
/** The most messages in a new client's first page, and how many places back the relay looks for them. */
export const JOIN_MESSAGES = 50;
export const MAX_JOIN_PLACES = 1000;
/** The most people listed in a welcome; a larger room announces only counts. */
export const MAX_PEOPLE_LISTED = 200;

export const CLOSE_TOO_BIG = 1009;
export const CLOSE_FAULT = 1011;
/** The reason is the time over which clients spread their reconnects (ms). */
export const CLOSE_RESTART = 1012;
/** The relay is full, or (reason {@link REASON_SLOW}) this client reads too slowly. */
export const CLOSE_BUSY = 1013;
export const CLOSE_GARBAGE = 4400;
export const CLOSE_UNAUTHORIZED = 4401;
export const CLOSE_FORBIDDEN = 4403;
export const CLOSE_SILENT = 4408;
/** Too many connections from one address, or frames over the rate for too long. */
export const CLOSE_CROWDED = 4429;

export const REASON_SLOW = 'slow';
