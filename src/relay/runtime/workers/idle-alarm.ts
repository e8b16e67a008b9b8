/**
 * Closes connections that have gone silent, by an alarm that exists only while someone is here. An alarm is billed as a
 * written row, so it rings once in 15 minutes: 96 times a day for a room in which somebody sits and reads.
 */

/** After so long without a frame, pings that the runtime answers included, the other end is taken for gone. */
export const IDLE_MS = 15 * 60_000;

/** The part of a Durable Object's storage that this needs. */
export interface AlarmClock {
  getAlarm(): Promise<number | null>;
  setAlarm(at: number): Promise<void>;
}

/** Someone has come at `now` (ms): sets the alarm, unless it is set. */
export async function scheduleIdleAlarm(alarm: AlarmClock, now: number): Promise<void> {
  if ((await alarm.getAlarm()) === null) await alarm.setAlarm(now + IDLE_MS);
}

/** The alarm has rung at `now` (ms): closes the silent connections, and sets the alarm again if any other is left. */
export async function runIdleAlarm(
  alarm: AlarmClock,
  now: number,
  connections: Iterable<{ readonly lastFrameAt: number; close(): void }>,
): Promise<void> {
  let left = 0;
  for (const connection of connections) {
    if (now - connection.lastFrameAt >= IDLE_MS) connection.close();
    else left += 1;
  }
  if (left > 0) await alarm.setAlarm(now + IDLE_MS);
}
