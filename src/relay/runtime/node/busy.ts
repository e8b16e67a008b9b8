/** Tells errors of a database that another process uses from all others. */

/** Whether SQLite failed because another process uses the database. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /BUSY|LOCKED/.test(String(error.code));
}
