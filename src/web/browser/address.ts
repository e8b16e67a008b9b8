/** Where the relay is, and which room of it, from what the page and the element say. */

export const LOBBY = 'lobby';

/** The origin of the relay, as `https://relay.example`: from `relay` (`wss://…`), else from the script's own address. */
export function relayOrigin(relay: string | null, script: string): string {
  return new URL((relay ?? script).replace(/^ws/, 'http')).origin;
}

/** The room that `/rooms/:room` names; the lobby for any other path. A relay serves its page at good names alone. */
export function roomOfPath(path: string): string {
  const name = /^\/rooms\/([^/]+)$/.exec(path)?.[1];
  try {
    return name === undefined ? LOBBY : decodeURIComponent(name);
  } catch {
    return LOBBY;
  }
}

/** The `heartbeat` attribute in milliseconds; `off` is 0, and what cannot be read is the line's own default. */
export function heartbeatOf(attribute: string | null): number | undefined {
  return attribute === 'off' ? 0 : Number(attribute) || undefined;
}
