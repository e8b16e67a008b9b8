/** An SQLite database in memory, as a runtime would provide it. */
import Libsql from 'libsql';
import type { Database } from '../../src/relay/log/sqlite-room-log.ts';
import { LibsqlDatabase } from '../../src/relay/runtime/node/log-file.ts';

export function memoryDatabase(): Database {
  return new LibsqlDatabase(new Libsql(':memory:'), 'normal', undefined, error => {
    throw error;
  });
}
