/** A log file of format 1 is migrated: nothing in it is lost, and new entries are written in format 2. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type LogFile, LogFileError, openLogFile } from '../../src/relay/runtime/node/log-file.ts';
import { numberIn } from '../../src/relay/runtime/node/row.ts';
import { oldPlaces } from '../support/format-1.ts';
import { hundredRooms, writeOldFile } from '../support/old-file.ts';
import { OpenedRoom, seqs } from '../support/opened-room.ts';
import { Rig } from '../support/rig.ts';

const takeOver = suite<{ folder: string; path: string }>('runtime/node/take-over');

takeOver.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'heartline-old-'));
  context.path = join(context.folder, 'heartline.db');
});
takeOver.after.each(context => rmSync(context.folder, { recursive: true }));

function open(path: string): LogFile {
  const file = openLogFile({ data: path, durability: 'normal', history: 1000 }, error => {
    throw error;
  });
  if (file instanceof LogFileError) throw new Error(file.message);
  return file;
}

/** A single number in the database at `path`. */
function numberOf(path: string, sql: string): number {
  const sqlite = new Libsql(path);
  const row = sqlite.prepare(sql).get();
  sqlite.close();
  return numberIn(row, 'value');
}

takeOver('keeps the epoch and every place of a hundred rooms, and edits and erases in them', ({ path }) => {
  const old = hundredRooms();
  assert.is(
    [...old.rooms.values()].reduce((sum, count) => sum + count),
    10_000,
  );
  assert.is(old.rooms.size, 100);
  writeOldFile(path, old);
  for (const round of [1, 2]) {
    const file = open(path);
    for (const [name, count] of old.rooms) {
      const room = new OpenedRoom(file.log, name);
      const places = oldPlaces(count, old.seqFloor);
      assert.ok(room.room.isEpoch(old.epoch));
      assert.is(room.room.epoch, `${old.epoch}.0`);
      const kept = seqs(room.room.after(0, 10_000));
      assert.equal(kept.slice(0, count), places);
      const [first = 0, second = 0] = places.slice(2 * round);
      assert.is(room.edit(first, `edited in round ${round}`, { id: `e${round}` }).seq, Number(kept.at(-1)) + 1);
      assert.is(room.erase([second], { id: `x${round}` }).rejected, undefined);
      const held = room.held();
      assert.is(held.find(({ seq }) => seq === first)?.message, `edited in round ${round}`);
      assert.equal(
        held.find(({ seq }) => seq === second),
        { seq: second, type: 'gone' },
      );
    }
    file.close();
    assert.is(numberOf(path, 'SELECT user_version AS value FROM pragma_user_version'), 2);
  }
});

takeOver('clients that were connected before can resume', ({ path }) => {
  writeOldFile(path, { epoch: 'old', rooms: new Map([['lobby', 60]]) });
  const file = open(path);
  const rig = new Rig({ log: file.log });
  const client = rig.connect();
  client.hello('ann', { epoch: 'old', since: 57 });
  const [welcome, page, ...entries] = client.read();
  assert.is(welcome?.type === 'welcome' && welcome.epoch, 'old.0');
  assert.equal(page, { type: 'page', replay: 3, head: 60, missed: 0, more: false });
  assert.equal(
    entries.map(entry => entry.type === 'normal' && entry.seq),
    [58, 59, 60],
  );
  const stranger = rig.connect();
  stranger.hello('bob', { epoch: 'older', since: 57 });
  assert.is(stranger.readOf('page')[0]?.missed, null);
  file.close();
});

takeOver('leaves old rows where they are', ({ path }) => {
  writeOldFile(path, { epoch: 'old', rooms: new Map([['lobby', 900]]) });
  const file = open(path);
  new OpenedRoom(file.log).post('new');
  file.close();
  assert.is(numberOf(path, 'SELECT count(*) AS value FROM batches'), 300);
  assert.is(numberOf(path, 'SELECT count(*) AS value FROM entries'), 1);
});

takeOver.run();
