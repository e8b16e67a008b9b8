/**
 * Removes a room to which nothing was written for long, by the object's one alarm. While there are connections the alarm
 * is theirs (idle-alarm.ts); after the last has gone, it is set to the time at which the room would have to go. So a
 * room costs one written row for it after each time that people were there.
 */
import { type AlarmClock, IDLE_MS } from './idle-alarm.ts';

export interface KeptRoom {
  /** How long nothing may have been written to it (ms); 0 for ever. */
  readonly keepMs: number;
  /** When something was last written (ms since 1970); `undefined` if nothing ever was. */
  writtenAt(): number | undefined;
  /** Whether anybody is there. */
  readonly isOpen: boolean;
  remove(): void;
}

/** To be called when the alarm fires, at `now` (ms since 1970), after {@link runIdleAlarm}. */
export async function runKeepAlarm(alarm: AlarmClock, now: number, room: KeptRoom): Promise<void> {
  const { keepMs } = room;
  if (keepMs === 0) return;
  // Connections are left, and the alarm fires again after they have gone.
  if ((await alarm.getAlarm()) !== null) return;
  const writtenAt = room.writtenAt();
  if (writtenAt === undefined) return;
  if (now < writtenAt + keepMs) await alarm.setAlarm(writtenAt + keepMs);
  else if (room.isOpen) await alarm.setAlarm(now + IDLE_MS);
  else room.remove();
}
