/** What happens to a log whose files are overwritten by copies of themselves, while it is open and between two starts. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { backUp } from '../../src/relay/runtime/node/backup-copy.ts';
import { type LogFile, LogFileError, openLogFile } from '../../src/relay/runtime/node/log-file.ts';
import { TestMessage } from '../support/entries.ts';
import { OpenedRoom } from '../support/opened-room.ts';

const checkpoints = suite<{ folder: string; path: string }>('runtime/node/checkpoints');
checkpoints.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'heartline-checkpoints-'));
  context.path = join(context.folder, 'heartline.db');
});
checkpoints.after.each(context => rmSync(context.folder, { recursive: true }));

const ALL = ['', '-wal'];
const LONG = 'x'.repeat(2000);

function open(path: string, shared = false): LogFile {
  const file = openLogFile({ data: path, durability: 'normal', history: 100_000, shared }, error => {
    // The last sync of a log that was left open, as by a kill, ends after its test.
    if (!/was overwritten by another one$|ENOENT/.test(String(error))) throw error;
  });
  if (file instanceof LogFileError) throw new Error(file.message);
  return file;
}

/** Each message is a commit of its own. Returns how many were stored. */
function say({ log }: LogFile, count: number): number {
  const messages = Array.from({ length: count }, () => new TestMessage({ message: LONG }));
  const room = log.open('lobby', { stored() {}, rewritten() {} });
  for (const message of messages) {
    room.append(message);
    log.commit();
  }
  return messages.filter(({ failed }) => !failed).length;
}

function heads({ log }: LogFile): [number, number] {
  const { room } = new OpenedRoom(log);
  return [room.head, room.after(0, 1_000_000).length];
}

/** Copies the parts of a log, in place where there is one. */
function copy(from: string, to: string, parts: readonly string[] = [...ALL, '.stamp']): void {
  for (const part of parts)
    if (existsSync(`${from}${part}`)) writeFileSync(`${to}${part}`, readFileSync(`${from}${part}`));
}

/** Opens what a killed process would leave behind, elsewhere. */
function afterKill(path: string, folder: string): LogFile {
  mkdirSync(join(folder, 'after'), { recursive: true });
  const place = join(folder, 'after', `${Math.random()}.db`);
  copy(path, place);
  return open(place);
}

checkpoints('moves a log of more than 1,000 pages into the file, and begins it anew', ({ path, folder }) => {
  const file = open(path);
  for (let round = 0; round < 3; round++) {
    const before = statSync(path).size;
    assert.is(say(file, 900), 900);
    assert.ok(statSync(path).size > before);
    assert.ok(statSync(`${path}-wal`).size < 1100 * 4120);
    assert.is(file.check(), undefined);
    const killed = afterKill(path, folder);
    assert.equal(heads(killed), [900 * (round + 1), 900 * (round + 1)]);
    killed.close();
  }
  file.close();
});

for (const shared of [false, true]) {
  for (const parts of [ALL, [''], ['-wal']]) {
    for (const later of [50, 900]) {
      const name = `notices a copy of ${parts.map(part => `db${part}`).join(' and ')} put back ${later} messages later`;
      checkpoints(`${name}${shared ? ', shared' : ''}`, ({ path, folder }) => {
        // As long as nothing was moved into the file, a copy of it is the same.
        if (later === 50 && parts.length === 1 && parts[0] === '') return;
        const file = open(path, shared);
        say(file, 400);
        assert.is(file.check(), undefined);
        const saved = join(folder, 'copy.db');
        copy(path, saved, ALL);
        const expected = afterKill(saved, folder);
        const held = heads(expected);
        expected.close();
        say(file, later);
        assert.is(file.check(), undefined);
        copy(saved, path, parts);
        // Without a look by the clock: the next move notices it.
        const stored = say(file, 1000);
        assert.match(file.check() ?? '', /was overwritten by another one$/);
        assert.ok(stored < 700, `${stored} messages were stored`);
        assert.is(say(file, 1), 0);
        assert.throws(() => file.close(), /was overwritten by another one/);
        rmSync(`${path}.lock`);
        const restored = afterKill(path, folder);
        const [head, count] = heads(restored);
        assert.is(head, count);
        if (parts.length === 2) assert.equal([head, count], held);
        assert.is(say(restored, 1), 1);
        restored.close();
      });
    }
  }
}

checkpoints('notices a backup put back before anything was moved into the file', async ({ path, folder }) => {
  const file = open(path, true);
  say(file, 5);
  const backup = join(folder, 'backup.db');
  assert.type(await backUp(path, backup), 'number');
  say(file, 5);
  // Before the first look by the clock.
  copyFileSync(backup, path);
  assert.is(file.check(), `${path} was overwritten by another one`);
  rmSync(`${path}.lock`);
  const restored = afterKill(path, folder);
  assert.equal(heads(restored), [5, 5]);
  restored.close();
});

checkpoints('does not apply a newer or older log to a copy of the database', ({ path, folder }) => {
  const first = open(path);
  say(first, 5);
  const older = join(folder, 'older.db');
  copy(path, older);
  first.close();
  copy(older, path);
  const second = open(path);
  say(second, 5);
  const newer = join(folder, 'newer.db');
  copy(path, newer);
  second.close();
  for (const [database, log, kept] of [
    [older, newer, 0],
    [newer, older, 5],
  ] as const) {
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    copyFileSync(database, path);
    copyFileSync(`${log}-wal`, `${path}-wal`);
    const mixed = open(path);
    assert.ok(existsSync(`${path}-wal.old`));
    assert.equal(heads(mixed), [kept, kept]);
    assert.is(say(mixed, 1), 1);
    mixed.close();
    rmSync(`${path}-wal.old`);
  }
});

checkpoints.run();
