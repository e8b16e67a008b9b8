/**
 * A process that uses a database beside a relay: `transaction-holder.ts PATH`. It reads lines: `read` and `write` begin
 * a transaction of that kind and leave it open, `end` ends it.
 */
import { createInterface } from 'node:readline';
import Libsql from 'libsql';

const sqlite = new Libsql(process.argv[2] ?? '', { timeout: 5000 });

createInterface({ input: process.stdin }).on('line', command => {
  if (sqlite.inTransaction) sqlite.exec('ROLLBACK');
  if (command === 'read') sqlite.exec('BEGIN; SELECT count(*) FROM sqlite_master');
  if (command === 'write') sqlite.exec('BEGIN IMMEDIATE');
  process.stdout.write(command === 'end' ? 'ended\n' : 'held\n');
});
