/** Backups of a log while a process writes to it, and what other processes do to a relay's file. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, linkSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LogFileError, openLogFile } from '../../src/relay/runtime/node/log-file.ts';
import { pageBuilt, relayBuilt } from '../support/built.ts';
import { within } from '../support/deadline.ts';
import { OpenedRoom } from '../support/opened-room.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { WireClient } from '../support/wire-client.ts';

const BACKUP = fileURLToPath(new URL('../../dist/backup.js', import.meta.url));
const WRITER = fileURLToPath(new URL('../support/erasing-writer.ts', import.meta.url));
const HOLDER = fileURLToPath(new URL('../support/transaction-holder.ts', import.meta.url));
const TEST_MS = 60_000;

interface Run {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `dist/backup.js FILE`. */
async function backUp(data: string, file: string): Promise<Run> {
  const child = spawn(process.execPath, [BACKUP, file], { env: { PATH: process.env.PATH, DATA: data } });
  let output = '';
  child.stdout.on('data', text => {
    output += text;
  });
  child.stderr.on('data', text => {
    output += text;
  });
  const [code] = await once(child, 'close');
  return { code, output };
}

async function lineOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('it has no output');
  const [line] = await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('it ended'))),
  ]);
  return String(line);
}

const backup = suite<{ folder: string }>('backup');
backup.before(async () => {
  await Promise.all([relayBuilt(), pageBuilt()]);
});
backup.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'heartline-backup-'));
});
backup.after.each(context => rmSync(context.folder, { recursive: true }));

const inTime = (body: (folder: string) => Promise<void>) => (context: { folder: string }) =>
  within(() => body(context.folder), TEST_MS)();

backup(
  'is whole, has no erased text and delays nobody, while 20 people write and messages are erased',
  inTime(async folder => {
    const path = join(folder, 'heartline.db');
    const writer = spawn(process.execPath, ['--import', 'tsx', WRITER, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    const copies = [join(folder, 'one.db'), join(folder, 'two.db'), join(folder, 'three.db')];
    assert.is(await lineOf(writer), 'ready\n');
    for (const copy of copies) assert.is((await backUp(path, copy)).code, 0);
    writer.stdin?.end();
    const { longest, head, erased } = JSON.parse(await lineOf(writer));
    assert.ok(longest < 50, `a turn took ${longest} ms of CPU`);
    assert.ok(erased.length > 200);
    let before = 0;
    for (const copy of copies) {
      const bytes = readFileSync(copy, 'latin1');
      const file = openLogFile({ data: copy, durability: 'normal', history: 1_000_000 }, error => {
        throw error;
      });
      if (file instanceof LogFileError) throw new Error(file.message);
      const { room } = new OpenedRoom(file.log, 'room-0');
      const entries = room.after(0, 1_000_000);
      assert.equal([entries.length, entries[0]?.seq, entries.at(-1)?.seq], [room.head, 1, room.head]);
      assert.ok(before < room.head && room.head <= head, `${before} < ${room.head} <= ${head}`);
      before = room.head;
      const gone = bytes.match(/"type":"erased"/g)?.length ?? 0;
      assert.ok(gone >= 200);
      // Those that were erased later may still be there.
      const kept = erased.filter((text: string) => bytes.includes(text));
      assert.ok(kept.length + gone <= erased.length, `${kept.length} texts and ${gone} erasures of ${erased.length}`);
      file.close();
    }
    await once(writer, 'exit');
  }),
);

backup(
  'made while 20 clients talk is whole, loses none of their messages, and lets no second process in',
  inTime(async folder => {
    const relay = new RelayProcess({ RATE: '0', MAX_PER_ADDRESS: '0' });
    try {
      await relay.start();
      const clients = await Promise.all(
        Array.from({ length: 20 }, (_, index) => WireClient.join(relay.host, 'lobby', `user-${index}`)),
      );
      let copied: Run | undefined;
      const copy = join(folder, 'copy.db');
      const copying = backUp(relay.data, copy).then(run => {
        copied = run;
      });
      // Each says the next message when it has heard its last one.
      const counts = await Promise.all(
        clients.map(async (client, index) => {
          let count = 0;
          for (; copied === undefined || count < 20; count++) {
            client.say(`${index}-${count}`, `message ${index}-${count}`);
            await client.message(`message ${index}-${count}`);
          }
          return count;
        }),
      );
      await copying;
      assert.is(copied?.code, 0);
      for (const link of [symlinkSync, linkSync]) {
        const name = join(relay.folder, `${link.name}.db`);
        link(relay.data, name);
        const { output } = await new RelayProcess({ DATA: name }).startAndEnd();
        assert.match(output, /in use by another (relay|process)/);
      }
      const file = openLogFile({ data: copy, durability: 'normal', history: 1_000_000 }, error => {
        throw error;
      });
      if (file instanceof LogFileError) throw new Error(file.message);
      const { room } = new OpenedRoom(file.log);
      const entries = room.after(0, 1_000_000);
      file.close();
      assert.equal([entries.length, entries.at(-1)?.seq], [room.head, room.head]);
      const total = counts.reduce((sum, count) => sum + count, 0);
      assert.ok(room.head <= total, `${room.head} of ${total}`);
      const [first] = clients;
      assert.is(first?.of('normal').at(-1)?.seq, total, 'nobody was refused anything');
    } finally {
      await relay.dispose();
    }
  }),
);

backup(
  'of a relay is restored under another epoch, however it was copied, and the program says why it makes none',
  inTime(async folder => {
    const relay = new RelayProcess();
    try {
      await relay.start();
      const clients = await Promise.all(
        Array.from({ length: 20 }, (_, index) => WireClient.join(relay.host, 'lobby', `user-${index}`)),
      );
      for (const [index, client] of clients.entries()) client.say('m', `message ${index}`);
      const [first] = clients;
      await first?.until('normal', () => first.said.length === 20);
      const epoch = first?.of('welcome')[0]?.epoch;
      const copy = join(folder, 'copy.db');
      const { code, output } = await backUp(relay.data, copy);
      assert.equal([code, output.split('\n').length], [0, 2], output);
      const again = await backUp(relay.data, copy);
      assert.equal(again, { code: 1, output: `heartline: ${copy} exists already\n` });
      const none = await backUp(join(folder, 'none.db'), join(folder, 'x.db'));
      assert.match(none.output, /^heartline: DATA is .*none\.db", which does not exist\n$/);
      assert.is(spawnSync(process.execPath, [BACKUP], { encoding: 'utf8' }).status, 2);
      first?.say('later', 'after the copy');
      await first?.message('after the copy');
      await relay.kill();
      copyFileSync(copy, relay.data);
      rmSync(`${relay.data}-wal`);
      await relay.start();
      const back = await WireClient.join(relay.host, 'lobby', 'back', { epoch, since: 21 });
      assert.is.not(back.of('welcome')[0]?.epoch, epoch);
      assert.is(back.of('page')[0]?.missed, null);
      assert.is(back.said.length, 20);
    } finally {
      await relay.dispose();
    }
  }),
);

backup(
  'that is put back while the relay runs ends the relay with one line',
  inTime(async folder => {
    const relay = new RelayProcess();
    try {
      await relay.start();
      const client = await WireClient.join(relay.host, 'lobby', 'a');
      const epoch = client.of('welcome')[0]?.epoch;
      const copy = join(folder, 'copy.db');
      assert.is((await backUp(relay.data, copy)).code, 0);
      client.say('m', 'after the copy');
      await client.message('after the copy');
      copyFileSync(copy, relay.data);
      const { code, output } = await relay.ended();
      assert.is(code, 1);
      assert.match(output, /heartline: .*heartline\.db was overwritten by another one\n$/);
      assert.not(existsSync(`${relay.data}-wal`));
      await relay.start();
      const back = await WireClient.join(relay.host, 'lobby', 'b', { epoch, since: 1 });
      assert.is.not(back.of('welcome')[0]?.epoch, epoch);
      assert.equal(back.said, []);
    } finally {
      await relay.dispose();
    }
  }),
);

backup(
  'is not needed to read a shared log: foreign readers and writers hold nobody up',
  inTime(async () => {
    const relay = new RelayProcess({ SHARED: 'on', RATE: '0' });
    let holder: ChildProcess | undefined;
    try {
      await relay.start();
      const client = await WireClient.join(relay.host, 'lobby', 'a');
      holder = spawn(process.execPath, ['--import', 'tsx', HOLDER, relay.data], { stdio: ['pipe', 'pipe', 'inherit'] });
      const hold = async (how: string) => {
        const answer = holder ? lineOf(holder) : Promise.reject(new Error('there is no holder'));
        holder?.stdin?.write(`${how}\n`);
        return answer;
      };
      assert.is(await hold('read'), 'held\n');
      client.say('one', 'while it reads');
      await client.message('while it reads');
      assert.is(await hold('write'), 'held\n');
      client.say('two', 'while it writes');
      await client.until('refused');
      assert.is(client.of('refused')[0]?.code, 'unavailable');
      const began = performance.now();
      for (let count = 0; count < 20; count++) {
        client.say('two', 'while it writes', { again: true });
        await client.pong();
      }
      const waited = performance.now() - began;
      assert.ok(waited < 20 * 100, `20 commits, each of which was refused, took ${waited} ms`);
      assert.is(await hold('end'), 'ended\n');
      client.say('two', 'while it writes', { again: true });
      await client.message('while it writes');
      const second = await new RelayProcess({ SHARED: 'on', DATA: relay.data }).startAndEnd();
      assert.match(second.output, /in use by another relay/);
      assert.is((await relay.stop()).code, 0);
    } finally {
      holder?.kill('SIGKILL');
      await relay.dispose();
    }
  }),
);

backup(
  'a shared log has one writer: a relay ends when another one has taken it',
  inTime(async () => {
    const first = new RelayProcess({ SHARED: 'on' });
    const second = new RelayProcess({ SHARED: 'on', DATA: first.data });
    try {
      await first.start();
      const client = await WireClient.join(first.host, 'lobby', 'a');
      client.say('one', 'one');
      await client.message('one');
      // As on a file system where the lock has no effect.
      rmSync(`${first.data}.lock`);
      await second.start();
      client.say('two', 'two');
      const { code, output } = await first.ended();
      assert.is(code, 1);
      assert.match(output, /was opened by another relay\n$/);
      assert.equal(client.said, ['one'], 'it was not stored');
    } finally {
      await first.dispose();
      await second.dispose();
    }
  }),
);

backup(
  'of a stopped log lets its relay start once it has read it',
  inTime(async () => {
    const relay = new RelayProcess();
    let reader: ChildProcess | undefined;
    try {
      await relay.start();
      await relay.stop();
      reader = spawn(process.execPath, ['--import', 'tsx', HOLDER, relay.data], { stdio: ['pipe', 'pipe', 'inherit'] });
      const held = lineOf(reader);
      reader.stdin?.write('read\n');
      assert.is(await held, 'held\n');
      const started = relay.start();
      setTimeout(() => reader?.stdin?.write('end\n'), 2500);
      await started;
      assert.is((await relay.stop()).code, 0);
    } finally {
      reader?.kill();
      await relay.dispose();
    }
  }),
);

backup.run();
