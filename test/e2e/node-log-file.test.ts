import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Libsql from 'libsql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RoomLog } from '../../src/relay/log/log.ts';
import { backUp } from '../../src/relay/runtime/node/backup-copy.ts';
import { type LogFile, LogFileError, openLogFile } from '../../src/relay/runtime/node/log-file.ts';
import { TestMessage } from '../support/entries.ts';
import { OpenedRoom } from '../support/opened-room.ts';

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

logFile('makes entries durable while the relay goes on, and stamps them then', async ({ path }) => {
  const file = open(path);
  const stamped = () => Number(readFileSync(`${path}.stamp`, 'latin1').split(' ')[0]);
  const first = stamped();
  say(file, 600);
  assert.is(stamped(), first, 'it has not waited for the disk');
  const newest = say(file, 3);
  const deadline = Date.now() + 10_000;
  while (stamped() === first && Date.now() < deadline) await setTimeout(5);
  assert.is(stamped(), first + 1);
  assert.match(
    readFileSync(`${path}.stamp`, 'latin1'),
    new RegExp(`\\n\\d+ ${newest} *\\n$`),
    'with what came meanwhile',
  );
  file.close();
  const again = open(path);
  assert.is(say(again), 604);
  again.close();
});

logFile('closes while entries are being made durable, and touches no file after that', async ({ path }) => {
  for (let round = 0; round < 5; round++) {
    const file = open(path);
    const { epoch } = lobbyOf(file);
    say(file, 600);
    file.close();
    const stamp = readFileSync(`${path}.stamp`, 'latin1');
    await setTimeout(20);
    assert.is(readFileSync(`${path}.stamp`, 'latin1'), stamp);
    assert.not.ok(existsSync(`${path}.stamp.new`));
    const again = open(path);
    assert.is(lobbyOf(again).epoch, epoch);
    again.close();
  }
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

logFile('has another epoch if a copy made while it ran is put back after a kill', ({ path }) => {
  const first = open(path);
  const { epoch } = lobbyOf(first);
  say(first, 3);
  const copy = kill(path);
  say(first, 1);
  const killed = kill(path);
  first.close();
  overwrite(killed, path);
  const second = open(path);
  assert.is(lobbyOf(second).epoch, epoch, 'the files are as the kill left them');
  const again = kill(path);
  second.close();
  overwrite(again, path);
  overwrite(copy, path, false);
  const restored = open(path);
  assert.is.not(lobbyOf(restored).epoch, epoch, 'a copy of the run before');
  const { epoch: fresh } = lobbyOf(restored);
  say(restored, 1);
  const older = kill(path);
  say(restored, 1);
  const last = kill(path);
  restored.close();
  overwrite(last, path);
  overwrite(older, path, false);
  const third = open(path);
  assert.is.not(lobbyOf(third).epoch, fresh, 'a copy of the same run');
  third.close();
});

logFile('keeps its epoch if the start was interrupted before the stamp file was written', ({ path }) => {
  const first = open(path);
  const { epoch } = lobbyOf(first);
  say(first, 3);
  first.close();
  const stamp = readFileSync(`${path}.stamp`);
  const second = open(path);
  const killed = kill(path);
  second.close();
  overwrite(killed, path);
  writeFileSync(`${path}.stamp`, stamp);
  const third = open(path);
  assert.is(lobbyOf(third).epoch, epoch);
  third.close();
});

logFile('takes an empty or half-written stamp file for a power cut, and a missing one for a copy', ({ path }) => {
  const first = open(path);
  const { epoch } = lobbyOf(first);
  say(first, 3);
  first.close();
  const whole = readFileSync(`${path}.stamp`);
  let head = 3;
  for (const half of ['', whole.subarray(0, 2), whole.subarray(0, 40)]) {
    writeFileSync(`${path}.stamp`, half);
    const file = open(path);
    assert.is(lobbyOf(file).epoch, epoch);
    const next = say(file);
    assert.ok(next > head + 1000);
    head = next;
    file.close();
  }
  rmSync(`${path}.stamp`);
  const copy = open(path);
  assert.is.not(lobbyOf(copy).epoch, epoch);
  copy.close();
});

logFile('keeps its epoch although the room of the newest entry was removed', ({ path }) => {
  const first = open(path);
  const lobby = new OpenedRoom(first.log);
  const { epoch } = lobby.room;
  lobby.post('one', { at: 1000 });
  new OpenedRoom(first.log, 'other').post('newest', { at: 1000 });
  const request = { keepMs: 1000, isOpen: (room: string) => room === 'lobby' };
  for (let now = 9000; now < 19_000; now += 1000) first.log.removeUntouched({ ...request, now });
  assert.is(first.log.usage().rooms, 1);
  const killed = kill(path);
  first.close();
  overwrite(killed, path);
  const second = open(path);
  assert.is(lobbyOf(second).epoch, epoch);
  second.close();
});

logFile('does not apply what a kill left beside it to a copy of a stopped log', async ({ path, folder }) => {
  const first = open(path);
  const lobby = new OpenedRoom(first.log);
  lobby.post('one');
  const { epoch } = lobby.room;
  first.close();
  const copies = [join(folder, 'copied.db'), join(folder, 'backup.db')];
  copyFileSync(path, copies[0] ?? '');
  assert.type(await backUp(path, copies[1] ?? ''), 'number');
  for (const copy of copies) {
    const second = open(path);
    say(second, 200);
    const killed = kill(path);
    second.close();
    copyFileSync(copy, path);
    copyFileSync(`${killed}-wal`, `${path}-wal`);
    const restored = open(path);
    assert.is.not(lobbyOf(restored).epoch, epoch);
    assert.equal(new OpenedRoom(restored.log).held().length, 1);
    assert.ok(existsSync(`${path}-wal.old`));
    restored.close();
  }
});

logFile('erases again what was erased after the copy that is put back', ({ path, folder }) => {
  const first = open(path);
  const lobby = new OpenedRoom(first.log);
  const [kept, gone] = [lobby.post('kept', { id: 'a' }), lobby.post('secret', { id: 'b' })];
  first.close();
  const backup = join(folder, 'backup.db');
  copyFileSync(path, backup);
  const second = open(path);
  new OpenedRoom(second.log).erase(gone, { at: Date.now() });
  second.close();
  for (const round of ['once', 'and again']) {
    copyFileSync(backup, path);
    const restored = open(path);
    const room = new OpenedRoom(restored.log);
    assert.is(room.outline(), `normal ${kept}, gone ${gone}, erased 3`, round);
    restored.close();
    assert.not.match(readFileSync(path, 'latin1'), 'secret');
  }
});

logFile('is used by one process, whatever path names it', ({ path, folder }) => {
  const first = open(path);
  say(first);
  const [link, hardLink, dots] = [
    join(folder, 'link.db'),
    join(folder, 'hard.db'),
    join(folder, 'deep/../deep/heartline.db'),
  ];
  symlinkSync(path, link);
  linkSync(path, hardLink);
  symlinkSync(join(folder, 'deep'), join(folder, 'elsewhere'));
  for (const name of [path, link, dots, join(folder, 'elsewhere/heartline.db')]) {
    assert.is(refusalOf(name), `DATA ${name} is in use by another relay`);
  }
  assert.is(refusalOf(hardLink), `DATA ${hardLink} is in use by another process`);
  first.close();
  const again = open(link);
  assert.is(say(again), 2);
  again.close();
  assert.is(
    refusalOf(hardLink),
    `DATA ${hardLink} is a hard link to ${path}, which is the name to use; it was left unchanged`,
    'a kill would have left its newest commits beside the other name',
  );
});

logFile('creates the file that a symbolic link names', ({ path, folder }) => {
  mkdirSync(join(folder, 'deep'));
  const link = join(folder, 'link.db');
  symlinkSync('deep/heartline.db', link);
  open(link).close();
  assert.ok(existsSync(path));
});

logFile('notices that its file was removed, replaced or overwritten', ({ path, folder }) => {
  const cases: [string, (copy: string) => void][] = [
    ['was removed', () => rmSync(path)],
    ['was replaced by another file', copy => renameSync(copy, path)],
    ['was overwritten by another one', copy => copyFileSync(copy, path)],
  ];
  for (const [fault, change] of cases) {
    for (const name of ['', '-wal', '.stamp']) rmSync(`${path}${name}`, { force: true });
    const first = open(path);
    const { epoch } = lobbyOf(first);
    say(first);
    first.close();
    const copy = join(folder, 'copy.db');
    copyFileSync(path, copy);
    const second = open(path);
    say(second);
    second.log.scrubNow();
    assert.is(second.check(), undefined);
    change(copy);
    assert.is(second.check(), `${path} ${fault}`);
    if (fault === 'was overwritten by another one') assert.not(existsSync(`${path}-wal`), 'it does not belong to it');
    // As when the relay ends, which this process cannot do for a file that it still has open.
    rmSync(`${path}.lock`);
    if (fault !== 'was replaced by another file') continue;
    rmSync(`${path}-wal`);
    const restored = open(path);
    assert.is.not(lobbyOf(restored).epoch, epoch);
    assert.is(say(restored), 2);
    restored.close();
  }
});

logFile('notices that the write-ahead log was removed or overwritten, and empties it without noticing', ({ path }) => {
  for (const change of ['removed', 'overwritten by another one']) {
    const file = open(path);
    say(file, 5);
    assert.is(file.check(), undefined);
    const copy = kill(path);
    say(file, 5);
    const lobby = new OpenedRoom(file.log);
    lobby.erase(lobby.post('x'));
    assert.is(file.check(), undefined);
    file.log.scrubNow();
    say(file, 1);
    assert.is(file.check(), undefined);
    for (let count = 0; count < 20; count++) say(file, 5);
    assert.is(file.check(), undefined);
    if (change === 'removed') rmSync(`${path}-wal`);
    else copyFileSync(`${copy}-wal`, `${path}-wal`);
    assert.is(file.check(), `${path}-wal was ${change}`);
    rmSync(join(path, '..'), { recursive: true });
  }
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

/** Runs `body` as a user whom the permissions of files bind, unlike root. */
function unprivileged(body: () => void): void {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    body();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

logFile('says in plain words which folder or file it may not use', ({ folder }) => {
  chmodSync(folder, 0o755);
  const [locked, owned] = [join(folder, 'locked'), join(folder, 'owned')];
  mkdirSync(locked);
  mkdirSync(owned);
  writeFileSync(join(owned, 'heartline.db'), '');
  chmodSync(join(owned, 'heartline.db'), 0o444);
  chmodSync(owned, 0o777);
  chmodSync(locked, 0o555);
  // Of a process that was started by root, the system says that it may do anything, until it does it.
  const isRoot = process.getuid?.() === 0;
  const denied = isRoot
    ? /(does not let SQLite open it|attempt to write a readonly database)\)$/
    : /: permission denied\)$/;
  unprivileged(() => {
    for (const path of [join(locked, 'a.db'), join(owned, 'heartline.db')]) {
      const message = refusalOf(path);
      assert.ok(message.startsWith(`DATA ${path} cannot be opened (`), message);
      assert.match(message, denied);
    }
    assert.match(refusalOf(join(locked, 'b', 'a.db')), /its folder cannot be created \(.*: permission denied\)$/);
  });
  chmodSync(locked, 0o000);
  unprivileged(() => assert.match(refusalOf(join(locked, 'a.db')), /cannot be opened \(.*: permission denied\)$/));
  chmodSync(locked, 0o755);
});

logFile('reports a path that leads nowhere, or to what is not a file', ({ folder }) => {
  symlinkSync(join(folder, 'loop'), join(folder, 'loop'));
  symlinkSync(join(folder, 'none', 'x.db'), join(folder, 'dangling'));
  for (const name of ['loop', join('loop', 'x.db'), 'dangling', 'x'.repeat(300), join('x'.repeat(300), 'y.db')]) {
    assert.match(refusalOf(join(folder, name)), /cannot be (opened|created) \((?!.*: \d+\)$)[^"]+\)$/, name);
  }
  for (const end of ['.lock', '.stamp', '.stamp.new', '.erased', '.sock', '-shm']) {
    const path = join(folder, `beside${end}.db`);
    mkdirSync(`${path}${end}`);
    assert.match(refusalOf(path), /cannot be opened \(.* is (a folder|not a file)\)$/, end);
  }
  assert.match(refusalOf('/dev/null'), /cannot be opened \(\/dev\/null is not a file\)/);
});

logFile('reports a folder that the system refuses to create, and a file in one that takes none', () => {
  // As in any file system that the kernel makes up.
  if (!existsSync('/proc/self')) return;
  assert.match(refusalOf('/proc/x/y.db'), /its folder cannot be created \(\/proc\/x: no such file or directory\)$/);
  assert.match(refusalOf('/proc/y.db'), /cannot be opened \((?!.*: \d+\)$)[^"]+\)$/);
});

logFile('writes no file for :memory:', () => {
  const file = open(':memory:');
  assert.is(say(file, 3), 3);
  file.close();
  assert.not.ok(existsSync(':memory:'));
  assert.not.ok(existsSync(':memory:.stamp'));
});

logFile.run();
