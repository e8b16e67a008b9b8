/** Reads columns of the rows that libsql returns. */
import type { Row } from '../../log/database.ts';

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null;
}

/** Reads a number; `NaN` if there is no row. */
export function numberIn(row: unknown, column: string): number {
  return isRow(row) ? Number(row[column]) : Number.NaN;
}

/** Reads a text; empty if there is no row. */
export function textIn(row: unknown, column: string): string {
  return isRow(row) ? String(row[column]) : '';
}
