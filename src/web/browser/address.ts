/** Finds the relay's address, the room and the heartbeat from the page's URL and the element's attributes. */

export const LOBBY = 'lobby';

/**
 * The relay's origin, such as `https://relay.example`, from `relay` (`wss://…`) or else from the script's own URL;
 * `undefined` if that is not the address of a relay.
 */
export function relayOrigin(relay: string | null, script: string): string | undefined {
  const url = (relay || script).replace(/^ws/i, 'http');
  return /^https?:/i.test(url) && URL.canParse(url) ? new URL(url).origin : undefined;
}

/**
 * The room of the path `/rooms/:room`, or `/embed/rooms/:room` in a frame; the lobby for any other path. Anything in it may
 * be percent-encoded. The name is not checked: the relay does that.
 */
export function roomOfPath(path: string): string {
  try {
    return decodeURIComponent(path).match(/^(\/embed)?\/rooms\/([^/]+)$/)?.[2] ?? LOBBY;
  } catch {
    return LOBBY;
  }
}

/** No element pings more often, whatever its page asks for. */
const MIN_HEARTBEAT_MS = 1000;

/**
 * The `heartbeat` attribute in milliseconds: 0 for `off`, and `undefined`, the client's default, if it is not a positive
 * number.
 */
export function heartbeatOf(attribute: string | number | null): number | undefined {
  if (attribute === 'off') return 0;
  return Number(attribute) > 0 ? Math.max(Number(attribute), MIN_HEARTBEAT_MS) : undefined;
}
