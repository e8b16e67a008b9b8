import { once } from 'node:events';
import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { BackupError, backUp } from '../../src/relay/runtime/node/backup-copy.ts';
import { type BackupServer, serveBackups, socketOf } from '../../src/relay/runtime/node/backup-server.ts';
import { copyHeld } from '../../src/relay/runtime/node/held-copy.ts';
import { type LogFile, LogFileError, openLogFile } from '../../src/relay/runtime/node/log-file.ts';
import { within } from '../support/deadline.ts';
import { OpenedRoom } from '../support/opened-room.ts';

interface Context {
  folder: string;
  path: string;
  target: string;
}

const backup = suite<Context>('runtime/node/backup-copy');

backup.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'heartline-backup-'));
  context.path = join(context.folder, 'heartline.db');
  context.target = join(context.folder, 'copies', 'copy.db');
  mkdirSync(join(context.folder, 'copies'));
});
backup.after.each(context => rmSync(context.folder, { recursive: true }));

const inTime = (body: (context: Context) => Promise<void>) => (context: Context) => within(() => body(context))();

const report = (error: unknown) => {
  throw error;
};

function open(path: string, shared = false): LogFile {
  const file = openLogFile({ data: path, durability: 'normal', history: 1000, shared }, report);
  if (file instanceof LogFileError) throw new Error(file.message);
  return file;
}

function serve(file: LogFile): BackupServer {
  return serveBackups(file.path ?? '', { hold: file.hold, report });
}

async function refusalOf(data: string, target: string): Promise<string> {
  const result = await backUp(data, target);
  if (!(result instanceof BackupError)) throw new Error('it was copied');
  assert.not.match(result.message, /\n/);
  return result.message;
}

/** The texts in a backup, once it has been restored to `path`. */
function textsIn(path: string): unknown[] {
  const file = open(path);
  const held = new OpenedRoom(file.log).held();
  file.close();
  return held.filter(({ type }) => type === 'normal').map(({ message }) => message);
}

backup(
  'works again after the socket was removed',
  inTime(async ({ path }) => {
    const file = open(path);
    const server = serve(file);
    new OpenedRoom(file.log).post('one');
    await new Promise(setImmediate);
    rmSync(`${path}.sock`);
    assert.not(await copyHeld(path, `${path}.raw`));
    server.check();
    while (!existsSync(`${path}.sock`)) await new Promise(setImmediate);
    assert.ok(await copyHeld(path, `${path}.raw`));
    server.check();
    server.close();
    file.close();
    assert.not(existsSync(`${path}.sock`));
  }),
);

backup(
  'copies a log that no relay uses, whole, in one file, for its owner alone',
  inTime(async ({ path, target }) => {
    const file = open(path);
    const lobby = new OpenedRoom(file.log);
    lobby.post('one');
    lobby.post('two');
    const { epoch } = lobby.room;
    file.close();
    const before = readFileSync(path);
    assert.is(await backUp(path, target), statSync(target).size);
    assert.ok(readFileSync(path).equals(before));
    assert.equal(readdirSync(join(target, '..')), ['copy.db']);
    assert.is(statSync(target).mode & 0o777, 0o600);
    const copy = open(target);
    assert.is.not(new OpenedRoom(copy.log).room.epoch, epoch);
    copy.close();
    assert.equal(textsIn(target), ['one', 'two']);
  }),
);

backup(
  'copies a log while its relay uses it, with everything up to the end of the copying',
  inTime(async ({ path, target }) => {
    const file = open(path);
    const server = serve(file);
    const lobby = new OpenedRoom(file.log);
    const secret = lobby.post('secret', { id: 'a' });
    for (let count = 0; count < 500; count++) lobby.post(`before ${count}`);
    lobby.erase(secret);
    assert.type(await backUp(path, target), 'number');
    lobby.post('after');
    assert.is(file.check(), undefined);
    server.close();
    file.close();
    assert.not.match(readFileSync(target, 'latin1'), 'secret');
    assert.is(textsIn(target).length, 500);
    assert.is(textsIn(path).length, 501);
  }),
);

backup(
  'copies a shared log without asking its relay',
  inTime(async ({ path, target }) => {
    const file = open(path, true);
    new OpenedRoom(file.log).post('one');
    assert.type(await backUp(path, target), 'number');
    file.close();
    assert.equal(textsIn(target), ['one']);
  }),
);

backup(
  'keeps the file unchanged while it is copied, and not longer',
  inTime(async ({ path }) => {
    const file = open(path);
    const lobby = new OpenedRoom(file.log);
    const write = () => {
      for (let count = 0; count < 300; count++) lobby.post('x'.repeat(5000));
    };
    const release = file.hold();
    const other = file.hold();
    const { mtimeNs } = statSync(path, { bigint: true });
    write();
    release();
    release();
    write();
    assert.is(statSync(path, { bigint: true }).mtimeNs, mtimeNs);
    assert.ok(statSync(`${path}-wal`).size > 1000 * 4096);
    other();
    write();
    assert.is.not(statSync(path, { bigint: true }).mtimeNs, mtimeNs);
    file.close();
  }),
);

backup(
  'stops waiting for a copy when the write-ahead log gets too long, or when the relay stops',
  inTime(async ({ path }) => {
    const file = open(path);
    const lobby = new OpenedRoom(file.log);
    lobby.post('x');
    const length = statSync(`${path}-wal`).size;
    let holders = 0;
    const hold = () => {
      holders += 1;
      return () => {
        holders -= 1;
      };
    };
    const server = serveBackups(path, { hold, report, maxLogBytes: length });
    const asked = () => {
      const socket = connect(socketOf(path) ?? '');
      socket.write('held?\n');
      return { socket, answered: once(socket, 'data'), closed: once(socket, 'close') };
    };
    const first = asked();
    assert.equal((await first.answered).map(String), ['held\n']);
    server.check();
    first.socket.write('held?\n');
    await once(first.socket, 'data');
    assert.is(holders, 1);
    lobby.post('x');
    server.check();
    await first.closed;
    const second = asked();
    await second.answered;
    server.close();
    await second.closed;
    assert.is(holders, 0);
    assert.not(existsSync(`${path}.sock`));
    assert.not(await copyHeld(path, `${path}.raw`), 'nobody listens');
    file.close();
  }),
);

backup(
  'refuses in one line what it cannot or must not write',
  inTime(async ({ path, folder, target }) => {
    assert.is(await refusalOf(path, target), `DATA is ${JSON.stringify(path)}, which does not exist`);
    assert.is(await refusalOf(':memory:', target), 'DATA is :memory:, which keeps nothing');
    assert.is(await refusalOf(folder, target), `DATA is ${JSON.stringify(folder)}, which is not a file`);
    open(path).close();
    for (const name of ['', '-wal', '.stamp', '.erased', '.sock', '.stamp.new']) {
      const reason = existsSync(`${path}${name}`) ? 'exists already' : `would be taken for a part of ${path}`;
      assert.is(await refusalOf(path, `${path}${name}`), `${path}${name} ${reason}`);
    }
    assert.type(await backUp(path, `${path}.monday`), 'number');
    assert.match(await refusalOf(path, `${path}.monday`), 'exists already');
    assert.match(
      await refusalOf(path, join(folder, 'none', 'copy.db')),
      /cannot be copied to .*no such file or directory\)$/,
    );
    mkdirSync(`${target}.tmp`);
    assert.match(await refusalOf(path, target), /cannot be copied to .*copy\.db\.tmp: file already exists\)$/);
    assert.ok(existsSync(`${target}.tmp`), 'it may belong to another backup');
    const foreign = join(folder, 'books.db');
    const books = new Libsql(foreign);
    books.exec('CREATE TABLE books (title TEXT)');
    books.close();
    assert.match(await refusalOf(foreign, join(folder, 'x.db')), 'not a database of this relay');
    assert.not(existsSync(join(folder, 'x.db.tmp')));
  }),
);

backup(
  'erases in the backup what was erased while it was written',
  inTime(async ({ path, target }) => {
    const file = open(path);
    const lobby = new OpenedRoom(file.log);
    const secret = lobby.post('secret', { id: 'a' });
    lobby.post('kept');
    file.close();
    const again = open(path);
    new OpenedRoom(again.log).erase(secret);
    again.close();
    // The state before, as if SQLite had begun to copy it before the erasure.
    const journal = readFileSync(`${path}.erased`);
    rmSync(path);
    const former = open(path);
    const room = new OpenedRoom(former.log);
    room.post('secret', { id: 'a' });
    room.post('kept');
    former.close();
    writeFileSync(`${path}.erased`, journal);
    await backUp(path, target);
    assert.not.match(readFileSync(target, 'latin1'), 'secret');
    assert.equal(textsIn(target), ['kept']);
  }),
);

backup(
  'needs no hard links, which some file systems do not have',
  inTime(async ({ path, target }) => {
    open(path).close();
    const { linkSync } = fs;
    fs.linkSync = () => {
      throw Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' });
    };
    syncBuiltinESMExports();
    try {
      assert.type(await backUp(path, target), 'number');
    } finally {
      fs.linkSync = linkSync;
      syncBuiltinESMExports();
    }
    open(target).close();
    assert.is(existsSync(`${target}.tmp`), false);
  }),
);

backup.run();
