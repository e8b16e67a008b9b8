/** The statements that read the rows of a room, with and without those of format 1. */

/** A column list for each of the two tables. */
interface Columns {
  readonly entries: string;
  readonly batches: string;
}

const PAYLOADS: Columns = {
  entries: 'first, types, payloads, octet_length(payloads) AS bytes',
  batches: 'first, NULL AS types, payloads, octet_length(payloads) AS bytes',
};
const KEYS: Columns = {
  entries: 'first, keys, NULL AS payloads',
  batches: 'first, NULL AS keys, payloads',
};
const EXTENT: Columns = {
  entries: 'first, messages, octet_length(payloads) AS bytes',
  batches: 'first, last - first + 1 AS messages, octet_length(payloads) AS bytes',
};
const WHOLE: Columns = {
  entries: 'first, types, payloads, keys, 0 AS old',
  batches: 'first, NULL AS types, payloads, NULL AS keys, 1 AS old',
};

/** Which rows, from the seq `?2` on, in which order. */
interface Range {
  readonly entries: string;
  readonly batches: string;
  readonly order: 'ASC' | 'DESC';
}

const AFTER: Range = {
  entries: 'id > ((?1 << 32) | ?2) AND id < ((?1 + 1) << 32)',
  batches: 'room = ?1 AND last > ?2',
  order: 'ASC',
};
const UP_TO: Range = {
  entries: 'id > (?1 << 32) AND id <= ((?1 << 32) | ?2)',
  batches: 'room = ?1 AND last <= ?2',
  order: 'DESC',
};

function select(columns: Columns, range: Range, where: string, old: boolean): string {
  const last = 'id & 4294967295 AS last';
  const entries = `SELECT ${last}, ${columns.entries} FROM entries WHERE ${range.entries}${where}`;
  const newest = `${entries} ORDER BY id ${range.order} LIMIT ?3`;
  if (!old) return newest;
  const batches = `SELECT last, ${columns.batches} FROM batches WHERE ${range.batches}`;
  return `SELECT * FROM (${batches} ORDER BY last ${range.order} LIMIT ?3) UNION ALL SELECT * FROM (${newest})
    ORDER BY last ${range.order} LIMIT ?3`;
}

function statements(old: boolean) {
  return {
    after: select(PAYLOADS, AFTER, '', old),
    messagesAfter: select(PAYLOADS, AFTER, ' AND messages > 0', old),
    messagesUpTo: select(PAYLOADS, UP_TO, ' AND messages > 0', old),
    keysUpTo: select(KEYS, UP_TO, '', old),
    extentsAfter: select(EXTENT, AFTER, '', old),
    extentsUpTo: select(EXTENT, UP_TO, '', old),
    sumsAfter: `SELECT count(*) AS rows, max(last) AS last, coalesce(sum(last - first + 1), 0) AS entries, coalesce(sum(messages), 0) AS messages,
      coalesce(sum(bytes), 0) AS bytes FROM (${select(EXTENT, AFTER, '', old)})`,
    wholeAfter: select(WHOLE, AFTER, '', old),
  };
}

/** Each takes a room, a seq, and the most rows to read. */
export type Statements = ReturnType<typeof statements>;
export const STATEMENTS = statements(false);
/** The statements for a database that may hold rows of format 1. */
export const WITH_OLD = statements(true);

/** Writes a row: the room, the last and the first seq, and the columns in the order of the table. */
export const INSERT_ROW = `INSERT INTO entries (id, first, at, messages, types, keys, payloads)
  VALUES (((?1 << 32) | ?2), ?3, ?4, ?5, ?6, ?7, ?8)`;
/** The largest seq that fits beside the room's id. No room comes near it. */
export const MAX_SEQ = 0xffff_ffff;
