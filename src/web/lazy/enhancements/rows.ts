/** What the rows of the list say of themselves. */

/** The `seq` of a stored message; 0 for any other row, and `NaN` without a row. */
export function seqOf(row: Element | null | undefined): number {
  return Number(row?.getAttribute('data-seq'));
}
