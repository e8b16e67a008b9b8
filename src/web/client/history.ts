/** Fetches older messages over HTTP, and lets nothing in that does not fit what the client reads. */
import type { Message } from '../../protocol/entries.ts';
import { isCount, isFields, isString } from '../../protocol/fields.ts';
import { parseRelayFrame } from '../../protocol/from-relay.ts';
import type { Messages } from './messages.ts';
import { systemFetch } from './platform.ts';
import type { Session } from './session.ts';
import type { FetchLike } from './types.ts';

const OLDER_MESSAGES = 50;

/**
 * Fetches up to fifty messages from before `seq` in their newest form, oldest first; none if there are no more. Rejects if
 * the relay cannot be reached, or if its answer is not readable, of another epoch than the session's, or too old.
 */
export type History = (seq: number) => Promise<readonly Message[]>;

/** A part of the log as it was when `head` was its newest seq; its messages oldest first. */
export interface HistoryAnswer {
  readonly epoch: string;
  readonly head: number;
  readonly messages: readonly Message[];
}

export interface HistoryOptions {
  readonly session: Pick<Session, 'epoch'>;
  readonly messages: Pick<Messages, 'fold'>;
}

/** The older messages of the room at `url`, the one for WebSockets: `wss://relay.example/rooms/x`. */
export function createHistory(
  url: string,
  fetch: FetchLike = systemFetch,
  { session, messages }: HistoryOptions,
): History {
  const address = `${url.replace(/^ws/, 'http')}/messages?limit=${OLDER_MESSAGES}&before=`;
  return async function before(seq): Promise<readonly Message[]> {
    const { epoch } = session;
    const response = await fetch(address + seq);
    const answer = parseHistory(await response.json());
    if (answer.epoch !== epoch || epoch !== session.epoch) throw new Error('another epoch');
    const folded = messages.fold(answer.messages, answer.head);
    const [first] = answer.messages;
    // All of these are erased by now, but there may be more before them.
    return folded.length === 0 && first ? before(first.seq) : folded;
  };
}

/** A relay's answer, without what does not look like a message. Throws if it is no such answer. */
export function parseHistory(answer: unknown): HistoryAnswer {
  const { epoch, head, messages } = isFields(answer) ? answer : {};
  if (!isString(epoch) || !isCount(head) || !Array.isArray(messages)) throw new Error('unreadable');
  const frames = messages.map(message => parseRelayFrame(JSON.stringify(message)));
  return { epoch, head, messages: frames.filter(frame => frame?.type === 'normal') };
}
