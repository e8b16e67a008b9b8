/** Where the relay is, and which room of it, from what the page and the element say. */
import { isRoomName } from '../protocol.ts';

export const LOBBY = 'lobby';

/** The origin of the relay, as `https://relay.example`: from `relay` (`wss://…`), else from the script's own address. */
export function relayOrigin(relay: string | null, script: string): string {
  try {
    return new URL((relay ?? script).replace(/^ws/, 'http')).origin;
  } catch {
    return new URL(script).origin;
  }
}

/** The room that `/rooms/:room` names; the lobby for any other path. */
export function roomOfPath(path: string): string {
  const name = /^\/rooms\/([^/]+)\/?$/.exec(path)?.[1];
  if (name === undefined) return LOBBY;
  try {
    const room = decodeURIComponent(name).normalize('NFC');
    return isRoomName(room) ? room : LOBBY;
  } catch {
    return LOBBY;
  }
}

/** The `heartbeat` attribute in milliseconds; `off` is 0, and what cannot be read is the line's own default. */
export function heartbeatOf(attribute: string | null): number | undefined {
  if (attribute === 'off') return 0;
  const ms = Number(attribute ?? Number.NaN);
  return ms > 0 && Number.isFinite(ms) ? ms : undefined;
}
