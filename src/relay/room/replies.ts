/** The frames that answer a client's own, encoded. */
import type { ClientFrame, Refused, RelayFrame, Welcome } from '../../protocol/frames.ts';
import { encode, PING } from '../../protocol/frames.ts';
import { Batch } from './batch.ts';
import type { FrameRefusal } from './context.ts';
import type { Presence } from './presence.ts';

/** How long a client waits before it retries a message that could not be committed. */
const RETRY_MS = 1000;

export const PONG = new Batch([PING]);

export function batchOf(frame: RelayFrame): Batch {
  return new Batch([encode(frame)]);
}

/** Encodes a welcome around a list of people that is already JSON. */
export function welcomeBatch(welcome: Omit<Welcome, 'people'>, { count, listJson }: Presence): Batch {
  return new Batch([`${JSON.stringify(welcome).slice(0, -1)},"people":{"count":${count},"list":${listJson}}}`]);
}

/** The refusal of a frame that is not valid now. */
export function badFrame(frame: ClientFrame): Refused {
  return { type: 'refused', code: 'bad-frame', of: frame.type, ...idOf(frame) };
}

/** The refusal of a frame for a reason outside the frame, such as the rate. */
export function refusedFrame(frame: ClientFrame | Refused, refusal: FrameRefusal): Refused {
  const of = frame.type === 'refused' ? frame.of : frame.type;
  const { code, retryMs } = refusal;
  return { type: 'refused', code, of, ...idOf(frame), ...(retryMs !== undefined && { retryMs }) };
}

/** The refusal of a message that may or may not be stored. */
export function unavailableMessage(id: string): Refused {
  return { type: 'refused', code: 'unavailable', of: 'normal', id, retryMs: RETRY_MS };
}

function idOf(frame: ClientFrame | Refused): { id?: string } {
  return 'id' in frame && frame.id !== undefined ? { id: frame.id } : {};
}
