/** Writes a log file as a relay of format 1 left it after a clean stop. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Libsql from 'libsql';
import { LibsqlDatabase } from '../../src/relay/runtime/node/database.ts';
import { type OldLog, writeFormat1 } from './format-1.ts';

export interface OldFile extends OldLog {
  /** How many of the oldest places of each room to remove again, as trimming did. */
  readonly trimmed?: number;
}

export function writeOldFile(path: string, { trimmed = 0, ...log }: OldFile): void {
  mkdirSync(dirname(path), { recursive: true });
  const sqlite = new Libsql(path);
  sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA application_id = 0x48656172; PRAGMA user_version = 1');
  sqlite.exec('CREATE TABLE stamp (id INTEGER PRIMARY KEY, count INTEGER, clean INTEGER, boot TEXT)');
  sqlite.exec("INSERT INTO stamp (id, count, clean, boot) VALUES (1, 5, 1, 'boot')");
  const report = (error: unknown) => {
    throw error;
  };
  writeFormat1(new LibsqlDatabase(sqlite, { durability: 'normal', stamp: undefined, report }), log);
  sqlite.prepare('DELETE FROM batches WHERE last <= ?').run(trimmed);
  sqlite.exec('PRAGMA journal_mode = DELETE');
  sqlite.close();
  const { ino, birthtimeNs } = statSync(path, { bigint: true });
  writeFileSync(`${path}.stamp`, `5 ${ino} ${birthtimeNs}\n`);
}

/** A hundred rooms with 10,000 messages in all, and a seqFloor in the middle of each. */
export function hundredRooms(): OldLog & { readonly seqFloor: number } {
  const rooms = new Map(
    Array.from({ length: 100 }, (_, index) => [`room-${index}`, 50 + index + (index < 50 ? 1 : 0)]),
  );
  const total = [...rooms.values()].reduce((sum, count) => sum + count, 0);
  rooms.set('room-99', 149 + 10_000 - total);
  return { epoch: 'an-epoch-of-format-1', rooms, seqFloor: 5000 };
}
