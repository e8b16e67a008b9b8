/** Fetches messages from before those that are shown. */
import type { Message } from '../../protocol/entries.ts';

import { parseRelayFrame } from '../../protocol/from-relay.ts';

const OLDER_MESSAGES = 50;

/**
 * Up to fifty messages before `seq` of the room at `address` (`https://relay.example/rooms/x`), oldest first; none when
 * there are none. Rejects where the relay cannot be reached, or answers something else.
 */
export async function fetchHistory(address: string, seq: number): Promise<Message[]> {
  const response = await fetch(`${address}/messages?before=${seq}&limit=${OLDER_MESSAGES}`);
  return parseHistory(await response.json());
}

/** The messages in a relay's answer; what does not look like one is left out. Throws where there is no list of them. */
export function parseHistory({ messages }: { readonly messages: readonly unknown[] }): Message[] {
  return messages
    .map(message => parseRelayFrame(JSON.stringify(message)))
    .filter((frame): frame is Message => frame?.type === 'normal');
}
