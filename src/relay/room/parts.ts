/** The parts of a room that its commands work on, and how they refuse a frame. */
import type { Refused } from '../../protocol/frames.ts';
import { CLOSE_GARBAGE } from '../../protocol/limits.ts';
import type { Committer } from '../log/committer.ts';
import type { RoomLog } from '../log/log.ts';
import type { Announcer } from './announcer.ts';
import type { RoomContext } from './context.ts';
import type { Delivery } from './delivery.ts';
import type { Lookups } from './lookups.ts';
import type { Newcomers } from './newcomers.ts';
import type { Pages } from './pages.ts';
import type { PendingContext } from './pending-message.ts';
import type { Reader } from './reader.ts';
import { batchOf } from './replies.ts';

export interface RoomParts extends PendingContext {
  readonly name: string;
  readonly context: RoomContext;
  readonly committer: Committer;
  readonly log: RoomLog;
  readonly pages: Pages;
  readonly announcer: Announcer;
  readonly delivery: Delivery;
  readonly lookups: Lookups;
  readonly newcomers: Newcomers;
}

/** Tells a client that a frame was refused; too many bad frames close its connection. */
export function refuse({ context }: RoomParts, reader: Reader, refused: Refused): void {
  if (!reader.dialect.announces) return context.dropped(refused);
  reader.answer(batchOf(refused));
  if (refused.code === 'bad-frame' && reader.countBadFrame(context.clock.now())) reader.close(CLOSE_GARBAGE);
}
