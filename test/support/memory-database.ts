/** An SQLite database in memory, as a runtime would provide it. */
import Libsql from 'libsql';
import type { Database } from '../../src/relay/log/database.ts';
import { LibsqlDatabase } from '../../src/relay/runtime/node/database.ts';

export function memoryDatabase(): Database {
  return new LibsqlDatabase(new Libsql(':memory:'), {
    durability: 'normal',
    stamp: undefined,
    report: error => {
      throw error;
    },
  });
}
