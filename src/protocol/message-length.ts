/** How long a message may be: a rule of the relay, which the page asks before it takes a message from its writer. */
import { MAX_MESSAGE_LENGTH, MAX_MESSAGE_LINES } from './limits.ts';

/** Every forced line break (Unicode UAX #14, classes BK, CR, LF and NL). */
const LINE_BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/;

/** Whether a message has more than {@link MAX_MESSAGE_LENGTH} UTF-16 units or {@link MAX_MESSAGE_LINES} lines. */
export function isTooLong(message: string): boolean {
  if (message.length > MAX_MESSAGE_LENGTH) return true;
  // Most messages are shorter than their line breaks would have to be.
  return (
    message.length >= MAX_MESSAGE_LINES && message.split(LINE_BREAK, MAX_MESSAGE_LINES + 1).length > MAX_MESSAGE_LINES
  );
}
