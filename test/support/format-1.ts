/** Writes a database of format 1, with the statements of the relays that used it. */
import type { Database } from '../../src/relay/log/database.ts';

const SCHEMA = [
  'CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
  'CREATE TABLE IF NOT EXISTS floors (seq INTEGER PRIMARY KEY)',
  'CREATE TABLE IF NOT EXISTS rooms (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)',
  `CREATE TABLE IF NOT EXISTS batches (
     room INTEGER NOT NULL, last INTEGER NOT NULL, first INTEGER NOT NULL, payloads TEXT NOT NULL,
     PRIMARY KEY (room, last)) WITHOUT ROWID`,
];

export interface OldLog {
  readonly epoch: string;
  /** How many messages each room holds, by name. They are committed three at a time. */
  readonly rooms: ReadonlyMap<string, number>;
  /** If set, the second half of each room's messages continues above this place. */
  readonly seqFloor?: number;
  /** The text of a message. */
  readonly text?: (room: string, seq: number) => string;
}

/** Messages per row. */
const BATCH = 3;

/** Fills an empty database in one transaction. */
export function writeFormat1(
  db: Database,
  { epoch, rooms, seqFloor, text = (_, seq) => `message ${seq}` }: OldLog,
): void {
  db.transaction(() => {
    for (const statement of SCHEMA) db.run(statement);
    // On Workers, databases of format 1 did not store their format.
    if (db.readFormat() !== 1) db.writeFormat(1);
    db.run("INSERT OR REPLACE INTO meta (key, value) VALUES ('epoch', ?)", epoch);
    if (seqFloor !== undefined) db.run('INSERT INTO floors (seq) VALUES (?)', seqFloor);
    for (const [name, count] of rooms) {
      db.run('INSERT OR IGNORE INTO rooms (name) VALUES (?)', name);
      const id = Number(db.all('SELECT id FROM rooms WHERE name = ?', name)[0]?.id);
      const places = oldPlaces(count, seqFloor);
      for (let start = 0; start < count; ) {
        let end = start + 1;
        while (end < count && end - start < BATCH && places[end] === Number(places[end - 1]) + 1) end++;
        const batch = places.slice(start, end);
        const payloads = batch.map(seq => oldPayload(seq, text(name, seq)));
        db.run(
          'INSERT INTO batches (room, last, first, payloads) VALUES (?, ?, ?, ?)',
          ...[id, Number(batch.at(-1)), Number(batch[0]), payloads.join('\n')],
        );
        start = end;
      }
    }
  });
}

/** The places of `count` messages. */
export function oldPlaces(count: number, seqFloor?: number): number[] {
  const half = Math.ceil(count / 2);
  return Array.from({ length: count }, (_, index) =>
    seqFloor === undefined || index < half ? index + 1 : seqFloor + 1 + index - half,
  );
}

export function oldPayload(seq: number, message: string): string {
  return JSON.stringify({ type: 'normal', seq, id: `id-${seq}`, from: 'f', user: 'u', message, at: 1000 + seq });
}
