import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Committer } from '../../../src/relay/log/committer.ts';

const committer = suite('committer');

function make() {
  let commits = 0;
  const deferred: (() => void)[] = [];
  const log = {
    open: () => {
      throw new Error('not asked for');
    },
    commit: () => {
      commits += 1;
    },
  };
  return {
    committer: new Committer(log, { defer: run => deferred.push(run), now: () => 0 }),
    commits: () => commits,
    /** Ends the turn of the event loop. */
    turn: () => {
      for (const run of deferred.splice(0)) run();
    },
  };
}

committer('commits once at the end of a turn, whatever was appended to which room', () => {
  const { committer, commits, turn } = make();
  committer.appended({ busy: false });
  committer.appended({ busy: false });
  assert.is(commits(), 0);
  turn();
  assert.is(commits(), 1);
  turn();
  assert.is(commits(), 1);
});

committer('waits until the room has written its batch', () => {
  const { committer, commits, turn } = make();
  const room = { busy: true };
  committer.appended(room);
  turn();
  assert.is(commits(), 0);
  committer.written(room);
  turn();
  assert.is(commits(), 1);
});

committer('does not commit for a batch during which nothing was appended', () => {
  const { committer, commits, turn } = make();
  committer.written({ busy: false });
  turn();
  assert.is(commits(), 0);
});

committer("commits waiting entries together with another room's, and not again", () => {
  const { committer, commits, turn } = make();
  const waiting = { busy: true };
  committer.appended(waiting);
  committer.appended({ busy: false });
  turn();
  assert.is(commits(), 1);
  committer.written(waiting);
  turn();
  assert.is(commits(), 1);
});

committer('commits before a slice if a commit is due, and only once', () => {
  const { committer, commits, turn } = make();
  const later: (() => void)[] = [];
  const scheduler = committer.commitFirst({ now: () => 0, later: run => later.push(run) });
  let ran = 0;
  scheduler.later(() => {
    ran += 1;
    assert.is(commits(), 1);
  });
  committer.appended({ busy: false });
  for (const run of later.splice(0)) run();
  assert.is(ran, 1);
  turn();
  assert.is(commits(), 1);
});

committer('runs the slice even if the commit before it fails', () => {
  const log = {
    open: () => {
      throw new Error('not asked for');
    },
    commit: () => {
      throw new Error('the disk is full');
    },
  };
  const committer = new Committer(log, { defer: () => {}, now: () => 0 });
  let ran = 0;
  const scheduler = committer.commitFirst({ now: () => 0, later: run => run() });
  committer.appended({ busy: false });
  assert.throws(
    () =>
      scheduler.later(() => {
        ran += 1;
      }),
    'the disk is full',
  );
  assert.is(ran, 1);
});

committer('is failing from a failed commit until one succeeds, or until nobody has tried for 30 s', () => {
  let now = 1000;
  const log = {
    failing: false,
    commit: () => {},
    open: () => {
      throw new Error('not asked for');
    },
  };
  const committer = new Committer(log, { defer: () => {}, now: () => now });
  committer.commit();
  assert.not(committer.failing);
  log.failing = true;
  committer.commit();
  assert.ok(committer.failing);
  now += 29_999;
  assert.ok(committer.failing);
  now += 1;
  assert.not(committer.failing);
  committer.commit();
  assert.ok(committer.failing);
  now -= 60_000;
  assert.not(committer.failing, 'the clock was set back');
  committer.commit();
  assert.ok(committer.failing);
  log.failing = false;
  committer.commit();
  assert.not(committer.failing);
});

committer.run();
