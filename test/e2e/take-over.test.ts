/**
 * If the relay is killed at any moment while it migrates a file of format 1, the file is intact in one format or the
 * other.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Libsql from 'libsql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LogFileError, openLogFile } from '../../src/relay/runtime/node/log-file.ts';
import { numberIn } from '../../src/relay/runtime/node/row.ts';
import { within } from '../support/deadline.ts';
import { oldPlaces } from '../support/format-1.ts';
import { hundredRooms, writeOldFile } from '../support/old-file.ts';
import { OpenedRoom, seqs } from '../support/opened-room.ts';

const PROGRAM = fileURLToPath(new URL('../support/log-program.ts', import.meta.url));
const KILLS = 20;

const takeOver = suite('take-over');

/**
 * Starts opening the file and kills the process after `ms`; `undefined` lets it finish. Returns how long it took (ms).
 */
async function openAndKill(path: string, ms: number | undefined): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, path, 'open'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise(resolve => child.once('exit', resolve));
  const output = () => new Promise<void>(resolve => child.stdout.once('data', () => resolve()));
  await output();
  const began = performance.now();
  const opened = output();
  child.stdin.write('open\n');
  await Promise.race([opened, ...(ms === undefined ? [] : [new Promise(resolve => setTimeout(resolve, ms))])]);
  const took = performance.now() - began;
  child.kill('SIGKILL');
  await ended;
  return took;
}

let copies = 0;

/** Reads the file's format from a copy, because even after we close a file, others may be locked out for a while. */
function formatOf(path: string): number {
  copies += 1;
  const copy = `${path}.copy-${copies}`;
  for (const end of ['', '-wal']) if (existsSync(`${path}${end}`)) copyFileSync(`${path}${end}`, `${copy}${end}`);
  const sqlite = new Libsql(copy);
  const format = numberIn(sqlite.prepare('PRAGMA user_version').get(), 'user_version');
  sqlite.close();
  return format;
}

takeOver(
  'loses nothing, at whatever moment the relay is killed',
  within(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'heartline-take-over-'));
    const old = hundredRooms();
    try {
      const whole = join(folder, 'whole.db');
      writeOldFile(whole, old);
      const takes = await openAndKill(whole, undefined);
      assert.is(formatOf(whole), 2);
      for (let kill = 0; kill < KILLS; kill++) {
        const path = join(folder, `killed-${kill}.db`);
        writeOldFile(path, old);
        await openAndKill(path, Math.random() * takes);
        const format = formatOf(path);
        assert.ok(format === 1 || format === 2, `format ${format}`);
        const file = openLogFile({ data: path, durability: 'normal', history: 1000 }, error => {
          throw error;
        });
        if (file instanceof LogFileError) throw new Error(file.message);
        for (const [name, count] of old.rooms) {
          const lobby = new OpenedRoom(file.log, name);
          assert.is(lobby.room.epoch, `${old.epoch}.0`);
          const places = oldPlaces(count, old.seqFloor);
          assert.equal(seqs(lobby.room.after(0, 10_000)), places);
          lobby.edit(Number(places[0]), 'edited');
          lobby.erase(Number(places[1]));
          assert.equal(lobby.held().slice(0, 2), [
            {
              seq: 1,
              type: 'normal',
              id: 'id-1',
              from: 'f',
              user: 'u',
              message: 'edited',
              at: 1001,
              edited: 8,
              rev: Number(places.at(-1)) + 1,
            },
            { seq: 2, type: 'gone' },
          ]);
        }
        file.close();
        assert.is(formatOf(path), 2);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 200_000),
);

takeOver.run();
