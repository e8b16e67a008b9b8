/** After scrubbing, `grep` finds no erased text in any file of the data folder. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type LogFile, LogFileError, openLogFile } from '../../src/relay/runtime/node/log-file.ts';
import { within } from '../support/deadline.ts';
import { TestEdit, TestErasure, TestMessage } from '../support/entries.ts';
import { writeOldFile } from '../support/old-file.ts';
import { OpenedRoom, seqs } from '../support/opened-room.ts';

const ROOMS = 40;
const PER_ROOM = 500;
const HISTORY = 300;
/** Entries per commit. */
const BATCH = 50;
/** Part of every text. */
const SECRET = 'sesame-open';
const LONG = 'x'.repeat(200);
const PROGRAM = fileURLToPath(new URL('../support/log-program.ts', import.meta.url));
const READER = fileURLToPath(new URL('../support/holding-reader.ts', import.meta.url));

interface Context {
  readonly folder: string;
  readonly path: string;
}

const erasure = suite<{ folder: string; path: string }>('erasure');

const inTime = (body: (context: Context) => Promise<void>) => (context: Context) =>
  within(() => body(context), 120_000)();

erasure.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'heartline-erasure-'));
  context.path = join(context.folder, 'heartline.db');
});
erasure.after.each(context => rmSync(context.folder, { recursive: true }));

function open(path: string): LogFile {
  const file = openLogFile({ data: path, durability: 'normal', history: HISTORY }, error => {
    throw error;
  });
  if (file instanceof LogFileError) throw new Error(file.message);
  return file;
}

const roomNames = Array.from({ length: ROOMS }, (_, index) => `room-${index}`);

/** Makes texts of different lengths, so that rows move when they are rewritten. */
const text = (what: string, seq: number) => `${SECRET} ${what} ${seq} ${LONG.slice(0, (seq * 37) % 200)}`;

/**
 * Files in the folder that contain the secret. Another process reads them, because closing them in ours would drop its
 * lock.
 */
function findings(folder: string): string[] {
  const { stdout } = spawnSync('grep', ['-rlaF', SECRET, folder], { encoding: 'utf8' });
  return stdout.split('\n').filter(file => file !== '');
}

/** Posts messages, edits each twice, and finally erases those that have not been trimmed. */
function postEditErase(file: LogFile, name: string): void {
  const lobby = new OpenedRoom(file.log, name);
  for (let posted = 0; posted < PER_ROOM; posted += BATCH) {
    const messages = Array.from({ length: BATCH }, (_, index) => {
      return new TestMessage({ id: `m${posted + index}`, message: text('posted', posted + index) });
    });
    for (const message of messages) lobby.room.append(message);
    lobby.log.commit();
    editTwice(lobby, seqs(messages));
  }
  eraseAll(lobby);
}

function editTwice(lobby: OpenedRoom, places: readonly number[]): void {
  for (const round of ['first', 'second']) {
    for (const seq of places)
      lobby.room.append(new TestEdit(seq, text(`edited ${round}`, seq), { id: `${round}-${seq}` }));
    lobby.log.commit();
  }
}

function eraseAll(lobby: OpenedRoom): void {
  for (;;) {
    const held = seqs(lobby.room.after(0, 200, Number.POSITIVE_INFINITY, 'messages'));
    if (held.length === 0) return;
    lobby.room.append(new TestErasure(held, { id: `erase-${held[0]}` }));
    lobby.log.commit();
  }
}

erasure(
  'leaves no text in a new file, even while a reader has the file open',
  inTime(async ({ path, folder }) => {
    open(path).close();
    const reader = await holdOpen(path);
    const file = open(path);
    for (const name of roomNames) postEditErase(file, name);
    assert.ok(findings(folder).length > 0, 'before scrubbing there are traces, at least in the write-ahead log');
    file.log.scrub(Date.now(), 0);
    assert.equal(findings(folder), []);
    assert.equal(await reader.read(), { descriptor: false, database: 'busy' });
    const again = new OpenedRoom(file.log, 'room-0');
    assert.is(again.room.after(0, 10_000).length, again.room.head - again.room.oldest + 1, 'no seq is missing');
    file.close();
    assert.equal(findings(folder), []);
    reader.end();
  }),
);

erasure(
  'leaves no text in a file of format 1, including messages that were trimmed before',
  inTime(async ({ path, folder }) => {
    const rooms = new Map(roomNames.map(name => [name, PER_ROOM]));
    writeOldFile(path, { epoch: 'old', rooms, text: (_, seq) => text('old', seq), trimmed: 200 });
    const file = open(path);
    for (const name of roomNames) {
      const lobby = new OpenedRoom(file.log, name);
      const places = seqs(lobby.room.after(0, 10_000));
      assert.ok(places.length >= HISTORY);
      for (let start = 0; start < places.length; start += BATCH) editTwice(lobby, places.slice(start, start + BATCH));
      eraseAll(lobby);
    }
    file.log.scrub(Date.now(), 0);
    assert.equal(findings(folder), []);
    file.close();
    assert.equal(findings(folder), []);
  }),
);

erasure(
  'scrubs on the next start if the relay is killed before',
  inTime(async ({ path, folder }) => {
    const { signal } = spawnSync(process.execPath, ['--import', 'tsx', PROGRAM, path, 'erase', SECRET]);
    assert.is(signal, 'SIGKILL');
    assert.ok(findings(folder).length > 0);
    const file = open(path);
    assert.equal(findings(folder), [], 'scrubbed before the first client is served');
    const held = new OpenedRoom(file.log).room.after(0, 10_000);
    assert.is(held.filter(({ type }) => type === 'gone').length, 300);
    file.close();
  }),
);

/** Starts a process that opens the file before the relay does, and reads it when told to. */
async function holdOpen(path: string): Promise<{ read(): Promise<unknown>; end(): void }> {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', READER, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const output = () =>
    new Promise<string>((resolve, reject) => {
      child.stdout?.once('data', data => resolve(`${data}`));
      child.once('exit', () => reject(new Error('the reader ended')));
    });
  await output();
  return {
    async read() {
      child.stdin?.write(`${SECRET}\n`);
      return JSON.parse(await output());
    },
    end: () => child.kill(),
  };
}

erasure.run();
