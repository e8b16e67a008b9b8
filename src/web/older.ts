/** Fetches messages from before those that are shown. */
import { type Message, parseRelayFrame } from '../protocol.ts';

const OLDER_MESSAGES = 50;

/**
 * Up to fifty messages before `seq` of the room at `address` (`https://relay.example/rooms/x`), oldest first; none when
 * there are none. Rejects where the relay cannot be reached.
 */
export async function fetchOlder(address: string, seq: number): Promise<Message[]> {
  const response = await fetch(`${address}/messages?before=${seq}&limit=${OLDER_MESSAGES}`);
  return readOlder(await response.json());
}

/** The messages in a relay's answer; what does not look like one is left out. */
export function readOlder(answer: unknown): Message[] {
  if (typeof answer !== 'object' || answer === null || !('messages' in answer)) return [];
  if (!Array.isArray(answer.messages)) return [];
  return answer.messages
    .map(message => parseRelayFrame(JSON.stringify(message)))
    .filter((frame): frame is Message => frame?.type === 'normal');
}
