/**
 * A process that keeps a database file open, both as a file and as a database. For each line of input it prints whether
 * the file contains that text, and the result of reading the database.
 */
import { openSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import Libsql from 'libsql';

const path = process.argv[2] ?? '';
const descriptor = openSync(path, 'r');
const sqlite = new Libsql(path, { timeout: 0 });

createInterface({ input: process.stdin }).on('line', text => {
  process.stdout.write(`${JSON.stringify({ descriptor: holds(text), database: readDatabase() })}\n`);
});
process.stdout.write('open\n');

function holds(text: string): boolean {
  const buffer = Buffer.alloc(1 << 20);
  for (let position = 0; ; position += buffer.length - text.length) {
    const length = readSync(descriptor, buffer, 0, buffer.length, position);
    if (buffer.subarray(0, length).includes(text)) return true;
    if (length < buffer.length) return false;
  }
}

function readDatabase(): string {
  try {
    sqlite.prepare('SELECT count(*) FROM sqlite_master').get();
    return 'read';
  } catch (error) {
    return error instanceof Error && /locked|busy/i.test(error.message) ? 'busy' : String(error);
  }
}
