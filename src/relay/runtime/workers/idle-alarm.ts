/**
 * Closes silent connections, by an alarm that is set only while there are connections. An alarm is billed as a written
 * row, so it fires once in 15 minutes: 96 times a day for a room in which somebody only reads.
 */

/** How long a connection may go without a frame before it is closed. Pings that the runtime answers count as frames. */
export const IDLE_MS = 15 * 60_000;

/** The part of a Durable Object's storage that this needs. */
export interface AlarmClock {
  getAlarm(): Promise<number | null>;
  setAlarm(at: number): Promise<void>;
}

/** Sets the alarm, unless it is set for that time or before. To be called when a connection is opened, at `now` (ms). */
export async function scheduleIdleAlarm(alarm: AlarmClock, now: number): Promise<void> {
  const at = await alarm.getAlarm();
  if (at === null || at > now + IDLE_MS) await alarm.setAlarm(now + IDLE_MS);
}

/**
 * Closes the silent connections, and sets the alarm again if others are left. To be called when it fires, at `now`
 * (ms).
 */
export async function runIdleAlarm(
  alarm: AlarmClock,
  now: number,
  connections: Iterable<{ readonly idleSince: number; close(): void }>,
): Promise<void> {
  let left = 0;
  for (const connection of connections) {
    // A frame from the future was received before the clock was set back.
    if (Math.abs(now - connection.idleSince) >= IDLE_MS) connection.close();
    else left += 1;
  }
  if (left > 0) await alarm.setAlarm(now + IDLE_MS);
}
