import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RoomLog } from '../../../../src/relay/log/log.ts';
import { type LogFile, LogFileError, openLogFile } from '../../../../src/relay/runtime/node/log-file.ts';
import { TestMessage } from '../../../support/entries.ts';
import { OpenedRoom } from '../../../support/opened-room.ts';

const logFile = suite<{ folder: string; path: string }>('runtime/node/log-file');

logFile.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'heartline-log-'));
  context.path = join(context.folder, 'deep', 'heartline.db');
});
logFile.after.each(context => rmSync(context.folder, { recursive: true }));

function open(path: string, durability: 'normal' | 'full' = 'normal'): LogFile {
  const file = openLogFile({ data: path, durability, history: 1000 }, error => {
    throw error;
  });
  if (file instanceof LogFileError) throw new Error(file.message);
  return file;
}

function refusalOf(path: string): string {
  const file = openLogFile({ data: path, durability: 'normal', history: 1000 }, () => {});
  if (!(file instanceof LogFileError)) throw new Error('it was opened');
  return file.message;
}

function lobbyOf(file: LogFile): RoomLog {
  return file.log.open('lobby', { stored() {}, rewritten() {} });
}

function say(file: LogFile, count = 1): number {
  const lobby = lobbyOf(file);
  for (let index = 0; index < count; index++) lobby.append(new TestMessage());
  file.log.commit();
  return lobby.head;
}

let kills = 0;

/** Copies the files as a kill would leave them. Returns the path of the copy. */
function kill(path: string): string {
  kills += 1;
  const saved = `${path}.killed${kills}`;
  copyFileSync(path, saved);
  if (existsSync(`${path}-wal`)) copyFileSync(`${path}-wal`, `${saved}-wal`);
  copyFileSync(`${path}.stamp`, `${saved}.stamp`);
  return saved;
}

/** Overwrites one database with another, as `cp` does: the file keeps its inode. */
function overwrite(from: string, to: string, stamp = true): void {
  writeFileSync(to, readFileSync(from));
  writeFileSync(`${to}-wal`, existsSync(`${from}-wal`) ? readFileSync(`${from}-wal`) : '');
  if (stamp) writeFileSync(`${to}.stamp`, readFileSync(`${from}.stamp`));
}

function pretendAnotherBoot(path: string): void {
  const sqlite = new Libsql(path);
  sqlite.exec("UPDATE stamp SET boot = 'another'");
  sqlite.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();
  sqlite.close();
}

logFile('creates its folder, and continues where it stopped after a clean stop', ({ path }) => {
  const first = open(path);
  const { epoch } = lobbyOf(first);
  say(first, 3);
  first.close();
  const second = open(path);
  assert.is(lobbyOf(second).epoch, epoch);
  assert.is(say(second), 4);
  second.close();
});

logFile('keeps a commit although the stamp file could not be written', ({ path }) => {
  const reports: unknown[] = [];
  const file = openLogFile({ data: path, durability: 'full', history: 10_000 }, error => reports.push(error));
  if (file instanceof LogFileError) throw new Error(file.message);
  const seqs: number[] = [];
  const messages: TestMessage[] = [];
  const room = file.log.open('lobby', {
    stored: entries => seqs.push(...entries.map(({ seq }) => seq)),
    rewritten() {},
  });
  // A folder blocks the temporary file of the stamp.
  mkdirSync(`${path}.stamp.new`);
  for (let commit = 0; commit < 3; commit++) {
    for (let n = 0; n < 1100; n++) {
      const message = new TestMessage();
      messages.push(message);
      room.append(message);
    }
    file.log.commit();
  }
  assert.equal([seqs.length, new Set(seqs).size, messages.filter(({ failed }) => failed).length], [3300, 3300, 0]);
  assert.is(reports.length, 3);
  rmSync(`${path}.stamp.new`, { recursive: true });
  const { epoch } = lobbyOf(file);
  file.close();
  const again = open(path);
  assert.is(lobbyOf(again).epoch, epoch);
  assert.is(say(again), 3301);
  again.close();
});

logFile(
  'expects losses from a power cut under DURABILITY=normal, even if it is full by now, and none under full',
  ({ path }) => {
    const first = open(path, 'normal');
    say(first, 3);
    const cut = kill(path);
    first.close();
    pretendAnotherBoot(cut);
    overwrite(cut, path);
    const second = open(path, 'full');
    assert.ok(say(second) > 1000);
    const kept = say(second);
    const again = kill(path);
    second.close();
    pretendAnotherBoot(again);
    overwrite(again, path);
    const third = open(path, 'normal');
    assert.is(say(third), kept + 1);
    third.close();
  },
);

logFile('is complete in one file after a clean stop', ({ path, folder }) => {
  const first = open(path);
  say(first, 3);
  first.close();
  const copy = join(folder, 'copy.db');
  copyFileSync(path, copy);
  const second = open(copy);
  assert.is(new OpenedRoom(second.log).held().length, 3);
  second.close();
});

logFile('continues without a gap after a kill, unless the machine has rebooted', ({ path }) => {
  const first = open(path);
  const { epoch } = lobbyOf(first);
  say(first, 3);
  const killed = kill(path);
  first.close();
  overwrite(killed, path);
  const second = open(path);
  assert.is(lobbyOf(second).epoch, epoch);
  assert.is(say(second), 4);
  second.close();
});

logFile('continues above a floor after a power cut', ({ path }) => {
  const first = open(path);
  say(first, 3);
  const killed = kill(path);
  first.close();
  pretendAnotherBoot(killed);

  overwrite(killed, path);
  const second = open(path);
  assert.ok(say(second) > 1000);
  second.close();
});

logFile('has another epoch if an older copy was put in its place', ({ path, folder }) => {
  const first = open(path);
  const { epoch } = lobbyOf(first);
  say(first, 3);
  first.close();
  const backup = join(folder, 'backup.db');
  copyFileSync(path, backup);
  const second = open(path);
  assert.is(lobbyOf(second).epoch, epoch);
  say(second, 5);
  second.close();

  overwrite(backup, path, false);
  const restored = open(path);
  assert.is.not(lobbyOf(restored).epoch, epoch);
  const { epoch: fresh } = lobbyOf(restored);
  restored.close();
  const after = open(path);
  assert.is(lobbyOf(after).epoch, fresh, 'once, not at every start');
  after.close();
});

logFile('has another epoch if it is a copy elsewhere, even with its stamp file', ({ path, folder }) => {
  const first = open(path);
  const { epoch } = lobbyOf(first);
  say(first, 3);
  first.close();
  cpSync(join(folder, 'deep'), join(folder, 'copy'), { recursive: true });
  const copy = open(join(folder, 'copy', 'heartline.db'));
  assert.is.not(lobbyOf(copy).epoch, epoch);
  copy.close();
});

logFile('reports that the path is a folder', ({ folder }) => {
  assert.is(refusalOf(folder), `DATA is ${JSON.stringify(folder)}, which is a folder, but takes a file`);
});

logFile('refuses a damaged file, or one of another program, and leaves it unchanged', ({ path, folder }) => {
  const first = open(path);
  say(first, 500);
  first.close();
  const whole = readFileSync(path);
  const middle = Buffer.from(whole);
  middle.fill(0xa5, 4096 + 8, 3 * 4096);
  const foreign = join(folder, 'foreign.db');
  const other = new Libsql(foreign);
  other.exec('CREATE TABLE books (title TEXT)');
  other.close();
  const newer = Buffer.from(whole);
  newer.writeUInt32BE(99, 60);
  const cases: [string, Buffer, RegExp][] = [
    ['torn.db', middle, /is damaged/],
    [
      'text.db',
      Buffer.from('this is no database at all, but a text of some length\n'.repeat(100)),
      /is damaged or not a database/,
    ],
    ['half.db', whole.subarray(0, Math.floor(whole.length / 2 / 4096) * 4096), /is damaged/],
    ['foreign2.db', readFileSync(foreign), /another program/],
    ['newer.db', newer, /format 99/],
  ];
  for (const [name, bytes, reason] of cases) {
    const file = join(folder, name);
    writeFileSync(file, bytes);
    const message = refusalOf(file);
    assert.match(message, reason, name);
    assert.not.match(message, /\n/);
    assert.ok(readFileSync(file).equals(bytes), `${name} was changed`);
  }
});

logFile('reports why a folder cannot be created or a file cannot be opened', ({ folder }) => {
  const blocked = join(folder, 'file');
  writeFileSync(blocked, '');
  assert.match(refusalOf(join(blocked, 'sub', 'x.db')), /folder cannot be created/);
  mkdirSync(join(folder, 'x.db-wal'));
  assert.match(refusalOf(join(folder, 'x.db')), /cannot be opened/);
});

logFile('writes no file for :memory:', () => {
  const file = open(':memory:');
  assert.is(say(file, 3), 3);
  file.close();
  assert.not.ok(existsSync(':memory:'));
  assert.not.ok(existsSync(':memory:.stamp'));
});

logFile.run();
