import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { FenceError } from '../../../../src/relay/access/fence.ts';
import { openFence } from '../../../../src/relay/runtime/node/fence-file.ts';

const fenceFile = suite('node: fence file');

const folder = mkdtempSync(join(tmpdir(), 'heartline-fence-'));
const path = join(folder, 'fence.txt');
fenceFile.after(() => rmSync(folder, { recursive: true }));

const ROOMS = ['a', 'b', 'c'];

function open() {
  const seen = { changes: 0, rules: 0, errors: [] as string[] };
  const options = {
    onChange: (rules: number) => {
      seen.changes += 1;
      seen.rules = rules;
    },
    onError: (reason: string) => seen.errors.push(reason),
  };
  const file = openFence(path, options);
  if (file instanceof FenceError) throw new Error(file.message);
  const poll = () => {
    file.poll();
    file.poll();
  };
  return { file, poll, seen, rooms: () => ROOMS.filter(room => file.fence.allows('192.0.2.1', room)) };
}

/** Writes the file with a time of its own, however fast the test is. */
let writtenAt = 1_700_000_000;
function write(text: string, to = path): void {
  writeFileSync(to, text);
  writtenAt += 1;
  utimesSync(to, writtenAt, writtenAt);
}

fenceFile('is read at once, and again only when it has changed', () => {
  write('room a\n');
  const { poll, seen, rooms } = open();
  assert.equal(rooms(), ['a']);
  poll();
  assert.is(seen.changes, 0);
  write('room b\n');
  poll();
  poll();
  assert.equal([rooms(), seen.changes], [['b'], 1]);
  write('# two\nroom c\n\nid Zk3vQ0cXq2m8wYh1bT5dNg\n', `${path}.new`);
  renameSync(`${path}.new`, path);
  poll();
  assert.equal([rooms(), seen], [['c'], { changes: 2, rules: 2, errors: [] }]);
});

fenceFile('keeps the rules if the file is broken or gone, and says so once', () => {
  write('room a\n');
  const { poll, seen, rooms } = open();
  write('room a\nroms b\n');
  poll();
  poll();
  assert.is(seen.errors.length, 1);
  assert.match(seen.errors[0] ?? '', /^FENCE is ".*fence\.txt", but line 2 is not of the form .*: the fence stays/);
  rmSync(path);
  poll();
  poll();
  assert.is(seen.errors.length, 2);
  assert.match(seen.errors[1] ?? '', /but it cannot be read \(.*: no such file or directory\)/);
  assert.equal([rooms(), seen.changes], [['a'], 0]);
  write('room c\n');
  poll();
  assert.equal([rooms(), seen.changes], [['c'], 1]);
});

fenceFile('waits until a file that is being written is the same at two looks', () => {
  write('room a\nnetwork 192.0.2.0/24\n');
  const { file, seen, rooms } = open();
  for (const half of ['', 'room a\n', '', 'room b\nnetwork 192.']) {
    write(half);
    file.poll();
    assert.equal([rooms(), seen], [[], { changes: 0, rules: 0, errors: [] }]);
  }
  write('room b\n');
  file.poll();
  file.poll();
  assert.equal([rooms(), seen.changes], [['b'], 1]);
  write('');
  file.poll();
  assert.equal(rooms(), ['b']);
  file.poll();
  assert.equal(rooms(), ['a', 'b', 'c'], 'a file that stays empty allows everything');
});

fenceFile('reads a file again that could not be read, although nothing about the file has changed', () => {
  write('room a\n');
  const { poll, seen, rooms } = open();
  rmSync(path);
  // A link to itself has a state of its own and cannot be read, like a file of another user.
  symlinkSync(path, path);
  poll();
  poll();
  assert.is(seen.errors.length, 1);
  rmSync(path);
  mkdirSync(path);
  poll();
  poll();
  assert.is(seen.errors.length, 2);
  rmSync(path, { recursive: true });
  write('room b\n');
  poll();
  poll();
  assert.equal([rooms(), seen.changes, seen.errors.length], [['b'], 1, 2]);
});

fenceFile('reads a file again when only its permissions have changed', () => {
  write('room a\n');
  const { poll, seen } = open();
  chmodSync(path, 0o640);
  poll();
  poll();
  assert.is(seen.changes, 1);
});

fenceFile('allows everything without a path', () => {
  const file = openFence(undefined, { onChange: () => {}, onError: () => {} });
  assert.ok(!(file instanceof FenceError) && file.fence.allows('192.0.2.1', 'a'));
});

fenceFile('says what is wrong at the beginning', () => {
  rmSync(path, { force: true });
  const file = openFence(path, { onChange: () => {}, onError: () => {} });
  assert.match(file instanceof FenceError ? file.message : '', /^FENCE is ".*", but it cannot be read/);
});

fenceFile('is a file: nothing is read from a folder or a device, which might never end', () => {
  for (const other of [folder, '/dev/zero']) {
    const file = openFence(other, { onChange: () => {}, onError: () => {} });
    assert.is(file instanceof FenceError && file.message, `FENCE is ${JSON.stringify(other)}, but it is not a file`);
  }
});

fenceFile.run();
