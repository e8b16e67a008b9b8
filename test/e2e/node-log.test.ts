/** The relay's own log on Node: what stands in it, and that nobody who reads it, or does not, can hold the relay up. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pageBuilt, relayBuilt } from '../support/built.ts';
import { within } from '../support/deadline.ts';
import { freePort } from '../support/ports.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { WireClient } from '../support/wire-client.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/relay.js', import.meta.url));

const log = suite('node: the log');
log.before(async () => {
  await Promise.all([relayBuilt(), pageBuilt()]);
});

/** A relay whose standard output is a pipe that is read only when the test says so. */
async function withUnreadLog(
  body: (relay: { host: string; child: ChildProcess; readLog: () => NodeJS.ReadableStream }) => Promise<void>,
): Promise<void> {
  const files = new RelayProcess();
  const [pipe, port] = [join(files.folder, 'log'), await freePort()];
  execFileSync('mkfifo', [pipe]);
  // Open for reading too, so that it has a reader, who never reads.
  const standing = openSync(pipe, constants.O_RDWR);
  const child = spawn(process.execPath, [PROGRAM], {
    env: { PATH: process.env.PATH, PORT: `${port}`, DATA: files.data, LOG_LEVEL: 'debug', MAX_PER_ADDRESS: '0' },
    stdio: ['ignore', standing, 'inherit'],
  });
  const host = `localhost:${port}`;
  try {
    while (!(await healthy(host))) await new Promise(resolve => setTimeout(resolve, 50));
    await body({ host, child, readLog: () => createReadStream(pipe, { fd: openSync(pipe, constants.O_RDONLY) }) });
  } finally {
    child.kill('SIGKILL');
    closeSync(standing);
    await files.dispose();
  }
}

async function healthy(host: string): Promise<boolean> {
  return fetch(`http://${host}/healthz`).then(
    answer => answer.ok,
    () => false,
  );
}

/** Opens connections one after another, a few at a time. Resolves when they are closed. */
async function come(host: string, count: number): Promise<void> {
  const one = async () => {
    const client = new WireClient(host, '/rooms/a-room-with-a-long-name-so-that-the-lines-are-long');
    await client.opened;
    client.ws.terminate();
    await client.closed;
  };
  for (let come = 0; come < count; come += 50) await Promise.all(Array.from({ length: 50 }, one));
}

log(
  'serves a thousand connections and ends on SIGTERM while nobody reads its log',
  within(() =>
    withUnreadLog(async ({ host, child }) => {
      await come(host, 1000);
      const talker = await WireClient.join(host, 'tea', 'a');
      talker.say('1', 'still here');
      await talker.message('still here');
      child.kill('SIGTERM');
      assert.is((await talker.closed).code, 1012);
      const [code] = await once(child, 'exit');
      assert.is(code, 0);
    }),
  ),
);

log(
  'tells how many lines were dropped once its log is read again, and each line is whole',
  within(() =>
    withUnreadLog(async ({ host, child, readLog }) => {
      await come(host, 1500);
      let text = '';
      const stream = readLog();
      const told = new Promise<void>(resolve => {
        stream.on('data', data => {
          text += data;
          if (/"msg":"lines were dropped[^\n]*\n/.test(text)) resolve();
        });
      });
      await told;
      const lines = text
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line));
      const dropped = lines.filter(line => /dropped/.test(line.msg)).reduce((sum, line) => sum + line.lines, 0);
      const opened = lines.filter(line => /opened|closed/.test(line.msg)).length;
      assert.ok(dropped > 0 && dropped + opened >= 3000, `${dropped} and ${opened}`);
      child.kill('SIGTERM');
      await once(child, 'exit');
    }),
  ),
);

log(
  'goes on when the reader of its log has exited',
  within(async () => {
    const [files, port] = [new RelayProcess(), await freePort()];
    const child = spawn(process.execPath, [PROGRAM], {
      env: { PATH: process.env.PATH, PORT: `${port}`, DATA: files.data, LOG_LEVEL: 'debug', MAX_PER_ADDRESS: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      child.stdout?.destroy();
      while (!(await healthy(`localhost:${port}`))) await new Promise(resolve => setTimeout(resolve, 50));
      await come(`localhost:${port}`, 100);
      child.kill('SIGTERM');
      assert.equal(await once(child, 'exit'), [0, null]);
    } finally {
      child.kill('SIGKILL');
      await files.dispose();
    }
  }),
);

log(
  'has no address in it unless that is asked for, and no line for each connection',
  within(async () => {
    for (const env of [{}, { LOG_LEVEL: 'debug' }, { LOG_LEVEL: 'debug', LOG_ADDRESSES: 'on' }]) {
      const relay = new RelayProcess(env);
      await relay.start();
      const client = await WireClient.join(`127.0.0.1:${relay.port}`, 'tea', 'a-name');
      await client.close();
      await come(relay.host, 200);
      const { output } = await relay.stop();
      await relay.dispose();
      const asked = 'LOG_ADDRESSES' in env;
      assert.is(/127\.0\.0\.1|::1/.test(output), asked, output.slice(0, 2000));
      assert.not.match(output, /a-name/);
      if ('LOG_LEVEL' in env) assert.ok(output.split('\n').length > 400);
      else assert.ok(output.split('\n').length < 10, output);
    }
  }),
);

log(
  'warns once, by name, of a forwarded address that is ignored and of a bound that refuses people',
  within(async () => {
    const relay = new RelayProcess({ MAX_PER_ADDRESS: '2' });
    await relay.start();
    const from = () => new WireClient(relay.host, '/rooms/a', { 'X-Forwarded-For': '203.0.113.9' });
    const clients = Array.from({ length: 6 }, from);
    await Promise.all(clients.slice(2).map(client => client.closed));
    const { output } = await relay.stop();
    await relay.dispose();
    const warned = [...output.matchAll(/"warning":"(\w+)"/g)].map(match => match[1]);
    assert.equal(warned.sort(), ['MAX_PER_ADDRESS', 'TRUST_PROXY']);
    assert.match(output, /"refused":\{"too-many":4\}/);
  }),
);

log(
  'warns before it runs out of file descriptors, and goes on when there are none',
  within(async () => {
    const [files, port] = [new RelayProcess(), await freePort()];
    const child = spawn('sh', ['-c', `ulimit -n 150; exec ${process.execPath} ${PROGRAM}`], {
      env: { PATH: process.env.PATH, PORT: `${port}`, DATA: files.data, MAX_PER_ADDRESS: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout?.on('data', data => {
      output += data;
    });
    try {
      while (!(await healthy(`localhost:${port}`))) await new Promise(resolve => setTimeout(resolve, 50));
      assert.match(output, /MAX_CONNECTIONS is more than the limit/);
      const clients = Array.from({ length: 200 }, () => new WireClient(`localhost:${port}`, '/rooms/a'));
      await Promise.allSettled(clients.map(client => Promise.race([client.opened, client.closed])));
      while (!output.includes('"warning":"descriptors"')) await new Promise(resolve => setTimeout(resolve, 50));
      for (const client of clients) client.ws.terminate();
      while (!/"warning":"descriptors"[^\n]*"msg":"resolved"/.test(output)) {
        await new Promise(resolve => setTimeout(resolve, 50));
      }
      assert.ok(await healthy(`localhost:${port}`));
      child.kill('SIGTERM');
      assert.equal(await once(child, 'exit'), [0, null]);
    } finally {
      child.kill('SIGKILL');
      await files.dispose();
    }
  }),
);

log.run();
