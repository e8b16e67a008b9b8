/**
 * Fetches older messages over HTTP, and rejects an answer that does not fit what the client has read. The client does
 * not import this file, and this file imports only types: a program without history does not carry it, and the page
 * loads it as a chunk.
 */
import type { Message } from '../../protocol/entries.ts';
import type { parseRelayFrame } from '../../protocol/from-relay.ts';
import type { Client } from './client.ts';
import type { FetchLike } from './types.ts';

declare const fetch: FetchLike;

const OLDER_MESSAGES = 50;

export interface HistorySource {
  /** The room's address, for WebSockets or HTTP: `wss://relay.example/rooms/x`. */
  readonly url: string;
  /** The client of this room. */
  readonly client: Pick<Client, 'epoch' | 'changesAfter'>;
  /** Parses a frame from a relay. */
  readonly parse: typeof parseRelayFrame;
  /** By default the global `fetch`. */
  readonly fetch?: FetchLike;
}

/** A part of the log as it was when `head` was its newest seq; its messages oldest first. */
export interface HistoryAnswer {
  readonly epoch: string;
  readonly head: number;
  readonly messages: readonly Message[];
}

/**
 * Up to fifty messages from before `seq` in their newest form, oldest first; none if there are no more. Rejects if the
 * relay cannot be reached, or if its answer is not readable, of another epoch than the client's, or older than the
 * changes that the client remembers, so that an erased text could come back.
 */
export async function fetchHistory(source: HistorySource, seq: number): Promise<readonly Message[]> {
  const { url, client, parse, fetch: request = systemFetch } = source;
  const { epoch } = client;
  const response = await request(`${url.replace(/^ws/, 'http')}/messages?limit=${OLDER_MESSAGES}&before=${seq}`);
  const answer = parseHistory(await response.json(), parse);
  if (answer.epoch !== epoch || epoch !== client.epoch) throw new Error('another epoch');
  const messages = bringUpToDate(answer, client);
  const [first] = answer.messages;
  // All of them have been erased since, but there may be more before them.
  return messages.length === 0 && first ? fetchHistory(source, first.seq) : messages;
}

/** A relay's answer, without what does not look like a message. Throws if it is no such answer. */
export function parseHistory(value: unknown, parse: HistorySource['parse']): HistoryAnswer {
  const { epoch, head, messages }: Readonly<Record<string, unknown>> = Object(value);
  if (typeof epoch !== 'string' || typeof head !== 'number' || head < 0 || !Array.isArray(messages)) {
    throw new Error('unreadable');
  }
  const frames = messages.map(message => parse(JSON.stringify(message)));
  return { epoch, head, messages: frames.filter(frame => frame?.type === 'normal') };
}

/** The messages of an answer, with all later edits and erasures applied. */
function bringUpToDate({ messages, head }: HistoryAnswer, client: HistorySource['client']): Message[] {
  const changes = client.changesAfter(head);
  if (!changes) throw new Error('too old');
  const newest = new Map(messages.map(message => [message.seq, message]));
  for (const change of changes) {
    if (change.type === 'erased') {
      for (const seq of [change.of].flat()) newest.delete(seq);
      continue;
    }
    const { seq: rev, of, user, message, edited } = change;
    const before = newest.get(of);
    if (before) newest.set(of, { ...before, user, message, edited, rev });
  }
  return [...newest.values()];
}

function systemFetch(url: string): ReturnType<FetchLike> {
  return fetch(url);
}
