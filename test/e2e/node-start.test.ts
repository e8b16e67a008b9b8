/** How the relay on Node starts, fails to start, and stops. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import Libsql from 'libsql';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pageBuilt, relayBuilt } from '../support/built.ts';
import { within } from '../support/deadline.ts';
import { type Ended, RelayProcess } from '../support/relay-process.ts';
import { WireClient } from '../support/wire-client.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a relay that must not start, and returns its output: one line with the reason. */
async function refusal(relay: RelayProcess): Promise<string> {
  const { code, output } = await relay.startAndEnd();
  assert.is(code, 1, output);
  assert.match(output, /^heartline: [^\n]+\n$/);
  return output;
}

async function using<T>(relay: RelayProcess, body: (relay: RelayProcess) => Promise<T>): Promise<T> {
  try {
    return await body(relay);
  } finally {
    await relay.dispose();
  }
}

async function isHealthy(port: number | undefined): Promise<boolean> {
  try {
    return (await fetch(`http://localhost:${port}/healthz`)).ok;
  } catch {
    return false;
  }
}

const start = suite('node: start');
start.before(async () => {
  await Promise.all([relayBuilt(), pageBuilt()]);
});

start(
  'refuses to start with an invalid value, or a variable that has no effect yet',
  within(async () => {
    const cases: [Record<string, string>, RegExp][] = [
      [{ PORT: 'eighty' }, /PORT is "eighty", but takes a whole number/],
      [{ ORIGINS: 'chat.example' }, /ORIGINS/],
      [{ SECRET: 'hunter2' }, /SECRET/],
      [{ NATS_URL: 'nats://x' }, /NATS_URL/],
    ];
    for (const [env, reason] of cases) {
      const output = await using(new RelayProcess(env), refusal);
      assert.match(output, reason);
      assert.not.match(output, /hunter2/);
    }
  }),
);

start(
  'prints its help and its version without starting, and refuses other arguments with 2',
  within(async () => {
    await relayBuilt();
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(ROOT, 'dist/relay.js'), ...args], {
        env: { PORT: 'eighty' },
        encoding: 'utf8',
      });
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    assert.equal([run('--version').status, run('--version').stdout], [0, `${version}\n`]);
    assert.match(run('--help').stdout, /^Usage: [\s\S]*\n {2}HISTORY /);
    const { status, stdout, stderr } = run('--port', '80');
    assert.equal([status, stdout], [2, '']);
    assert.match(stderr, /^heartline: "--port" is not an argument[^\n]*\n$/);
  }),
);

start(
  'warns of a variable that looks like one of its own, by name',
  within(() =>
    using(new RelayProcess({ HISTROY: '5', FENCE: '' }), async relay => {
      await relay.start();
      const { output } = await relay.stop();
      assert.match(output, /"level":40,[^\n]*"HISTROY has no effect; is HISTORY meant\?"/);
      assert.match(output, /"level":40,[^\n]*"FENCE is empty, which is the same as not set"/);
    }),
  ),
);

start(
  'lets no other user of the machine read what it writes',
  within(async () => {
    const umask = process.umask(0o022);
    try {
      await using(new RelayProcess(), async relay => {
        await relay.start();
        const client = await WireClient.join(relay.host, 'a', 'Ann');
        client.say('1', 'hello');
        await client.message('hello');
        const names = readdirSync(relay.folder);
        assert.ok(names.length > 3, names.join());
        for (const name of names) assert.is(statSync(join(relay.folder, name)).mode & 0o007, 0, name);
        await client.close();
      });
    } finally {
      process.umask(umask);
    }
  }),
);

start(
  'reports a host that is not an address of this machine',
  within(async () => {
    const output = await using(new RelayProcess({ HOST: 'nowhere.invalid' }), refusal);
    assert.match(output, /HOST nowhere\.invalid, PORT \d+ cannot be listened on \(this machine knows no such name\)/);
  }),
);

start(
  'serves and stops normally if its standard output cannot be written to',
  within(async () => {
    const free = createServer();
    await new Promise<void>(done => free.listen(0, done));
    const address = free.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await new Promise(done => free.close(done));
    const child = spawn(process.execPath, [join(ROOT, 'dist/relay.js')], {
      env: { PATH: process.env.PATH, PORT: `${port}`, DATA: ':memory:' },
      stdio: ['ignore', openSync('/dev/full', 'w'), 'inherit'],
    });
    try {
      const ended = once(child, 'exit');
      while (!(await isHealthy(port))) await new Promise(resolve => setTimeout(resolve, 50));
      child.kill('SIGTERM');
      assert.equal(await ended, [0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  }),
);

start(
  'reports a port that is in use',
  within(async () => {
    const other = createServer();
    await new Promise<void>(done => other.listen(0, done));
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const output = await using(new RelayProcess({ PORT: `${port}` }), refusal);
    assert.match(output, `PORT ${port} is in use`);
    other.close();
  }),
);

start(
  'reports a folder that it cannot write to',
  within(() =>
    using(new RelayProcess({ DATA: '/dev/null/heartline.db' }), async relay => {
      assert.match(await refusal(relay), /DATA is "\/dev\/null\/heartline.db", but its folder cannot be created/);
    }),
  ),
);

start(
  'refuses at once to use a log that another relay uses, by whatever path it names it',
  within(async () => {
    await using(new RelayProcess(), async first => {
      await first.start();
      const client = await WireClient.join(first.host, 'a', 'a');
      const [link, hardLink] = [join(first.folder, 'link.db'), join(first.folder, 'hard.db')];
      symlinkSync(first.data, link);
      linkSync(first.data, hardLink);
      for (const name of [first.data, link, hardLink, relative(process.cwd(), first.data)]) {
        const began = Date.now();
        assert.match(await using(new RelayProcess({ DATA: name }), refusal), /in use by another (relay|process)/);
        assert.ok(Date.now() - began < 5000, `${Date.now() - began} ms`);
      }
      client.say('m', 'undisturbed');
      await client.message('undisturbed');
      await client.close();
    });
  }),
);

start(
  'leaves a damaged file, and a file of another program, unchanged to the byte',
  within(() =>
    using(new RelayProcess(), async relay => {
      await relay.start();
      const client = await WireClient.join(relay.host, 'a', 'a', {});
      for (let i = 0; i < 15; i++) client.say(`m${i}`, 'x'.repeat(4000));
      await client.until('normal', () => client.said.length === 15);
      await client.close();
      await relay.stop();
      const damaged = readFileSync(relay.data);
      damaged.fill(0x5a, 4096 + 16, 3 * 4096);
      writeFileSync(relay.data, damaged);
      assert.match(await refusal(relay), /^heartline: DATA .* is damaged.*left unchanged/);
      assert.ok(readFileSync(relay.data).equals(damaged));

      const foreign = join(relay.folder, 'books.db');
      const books = new Libsql(foreign);
      books.exec('CREATE TABLE books (title TEXT)');
      books.close();
      const before = readFileSync(foreign);
      assert.match(await using(new RelayProcess({ DATA: foreign }), refusal), /another program/);
      assert.ok(readFileSync(foreign).equals(before));
    }),
  ),
);

start(
  'makes the folder of its log, and continues where it stopped after SIGTERM and after SIGKILL',
  within(async () => {
    const relay = new RelayProcess();
    await using(relay, async () => {
      mkdirSync(join(relay.folder, 'x'));
      await relay.start();
      const one = await WireClient.join(relay.host, 'a', 'a');
      one.say('1', 'before the stop');
      await one.message('before the stop');
      assert.is((await relay.stop()).code, 0);
      await relay.start();
      const two = await WireClient.join(relay.host, 'a', 'a');
      assert.is((await two.message('before the stop')).seq, 1);
      assert.is(two.of('welcome')[0]?.epoch, one.of('welcome')[0]?.epoch);
      two.say('2', 'before the kill');
      await two.message('before the kill');
      await relay.kill();
      await relay.start();
      const three = await WireClient.join(relay.host, 'a', 'a');
      assert.is((await three.message('before the kill')).seq, 2);
      assert.is(three.of('welcome')[0]?.epoch, one.of('welcome')[0]?.epoch);
      await three.close();
    });
  }),
);

start.run();

const stop = suite('node: stop');

stop(
  'closes all connections with 1012 on SIGTERM and SIGINT, and ends within 5 s even if a client does not answer',
  within(async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      await using(new RelayProcess(), async relay => {
        await relay.start();
        const clients = await Promise.all(['a', 'b', 'c'].map(user => WireClient.join(relay.host, 'a', user)));
        const [silent] = clients;
        silent?.ws.pause();
        const began = Date.now();
        const ended = relay.stop(signal);
        for (const client of clients.slice(1)) assert.equal(await client.closed, { code: 1012, reason: '500' });
        assert.is((await ended).code, 0);
        assert.ok(Date.now() - began < 5000, `${Date.now() - began} ms`);
        silent?.ws.terminate();
      });
    }
  }),
);

stop(
  'closes with 1012 on SIGHUP and SIGQUIT too, and ends at once at a second signal',
  within(async () => {
    for (const signal of ['SIGHUP', 'SIGQUIT'] as const) {
      await using(new RelayProcess(), async relay => {
        await relay.start();
        const [silent, client] = await Promise.all(['a', 'b'].map(user => WireClient.join(relay.host, 'a', user)));
        silent?.ws.pause();
        const first = relay.stop(signal);
        assert.equal(await client?.closed, { code: 1012, reason: '500' });
        const began = performance.now();
        relay.stop('SIGTERM');
        const { code, output } = await first;
        assert.is(code, 0, output);
        assert.match(output, /"msg":"closed"/);
        // A client that does not answer has 3 s.
        assert.ok(performance.now() - began < 2000, `${performance.now() - began} ms`);
        silent?.ws.terminate();
      });
    }
  }),
);

stop(
  'takes no notice of the signals that are not for it',
  within(async () => {
    await using(new RelayProcess(), async relay => {
      await relay.start();
      const client = await WireClient.join(relay.host, 'a', 'a');
      for (const signal of ['SIGUSR1', 'SIGUSR2', 'SIGPIPE'] as const) {
        if (relay.pid !== undefined) process.kill(relay.pid, signal);
        await client.pong();
      }
      const { output } = await relay.stop();
      assert.not.match(output, /[Dd]ebugger/);
    });
  }),
);

stop(
  'receives signals sent to npm start, logs opened and closed connections, and needs no second build',
  within(async () => {
    // Stopping a container signals only the script; Ctrl-C in a terminal signals the whole group.
    await startedByScript('SIGTERM', pid => pid);
    await startedByScript('SIGINT', pid => -pid);
  }),
);

async function startedByScript(signal: NodeJS.Signals, target: (pid: number) => number): Promise<void> {
  const relay = new RelayProcess();
  const script = spawn('npm', ['start'], {
    cwd: ROOT,
    detached: true,
    env: { ...process.env, PORT: '0', DATA: relay.data, LOG_LEVEL: 'debug' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { port, ended } = listen(script);
  const client = await WireClient.join(`localhost:${await port}`, 'a', 'a');
  if (script.pid !== undefined) process.kill(target(script.pid), signal);
  assert.is((await client.closed).code, 1012);
  const { output } = await ended;
  assert.match(output, /连接成功/);
  assert.match(output, /连接关闭/);
  assert.match(output, /"msg":"closed"/);
  await relay.dispose();
}

function listen(child: ChildProcess): { port: Promise<number>; ended: Promise<Ended> } {
  let output = '';
  const port = new Promise<number>(resolve => {
    child.stdout?.on('data', data => {
      output += data;
      const found = /"port":(\d+).*"msg":"listening"/.exec(output)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
  });
  const ended = new Promise<Ended>(resolve => {
    child.once('close', (code, signal) => resolve({ code, signal, output }));
  });
  return { port, ended };
}

stop.run();
