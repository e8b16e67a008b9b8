/** Reads columns of rows as libsql gives them. */
import type { Row } from '../../log/database.ts';

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

/** A column of a row that libsql gave; `NaN` if there is none. */
export function numberIn(row: unknown, column: string): number {
  return isRow(row) ? Number(row[column]) : Number.NaN;
}

/** A column of a row that libsql gave; empty if there is none. */
export function textIn(row: unknown, column: string): string {
  return isRow(row) ? String(row[column]) : '';
}
