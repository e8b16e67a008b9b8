/** HTTP on a real relay: what unread answers, shutting down and a forgotten proxy do. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { exchange } from '../support/http-server.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { WireClient } from '../support/wire-client.ts';

const http = suite('node: HTTP');

/** Runs a test with a relay of its own. */
function withRelay(env: Record<string, string>, body: (relay: RelayProcess) => Promise<void>): Promise<void> {
  return within(async () => {
    const relay = new RelayProcess({ RATE: '0', ...env });
    try {
      await body(await relay.start());
    } finally {
      await relay.dispose();
    }
  })();
}

const HISTORY = 'GET /rooms/big/messages?limit=200 HTTP/1.1\r\nHost: x\r\n\r\n';
const HEALTH = 'GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
const RELAY = fileURLToPath(new URL('../../dist/relay.js', import.meta.url));
const MAX_GROWTH_BYTES = 100_000_000;

/** Fills the room `big`, whose history takes 256 kB then. */
async function fill({ host }: RelayProcess): Promise<void> {
  const client = await WireClient.join(host, 'big', 'a');
  for (let index = 0; index < 200; index++) client.say(`m${index}`, 'x'.repeat(4000));
  await client.until('normal', ({ id }) => id === 'm199');
  await client.close();
}

/** The resident memory of the process, in bytes; 0 where the system does not tell. */
function memoryOf({ pid }: RelayProcess): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** Sends a request and reads nothing. Resolves once the first bytes of an answer could be read. */
function askUnread(port: number, bytes: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, 'localhost', () => socket.write(bytes));
    socket.once('readable', () => resolve(socket));
    socket.once('error', reject);
  });
}

http('keeps little of answers that nobody reads, and answers others meanwhile', () =>
  withRelay({ MAX_PER_ADDRESS: '0' }, async relay => {
    await fill(relay);
    const before = memoryOf(relay);
    // 230 MB of answers, and not so many requests that the connections are closed.
    const sockets = await Promise.all(Array.from({ length: 10 }, () => askUnread(relay.port, HISTORY.repeat(90))));
    const client = await WireClient.join(relay.host, 'other', 'b');
    for (let round = 0; round < 50; round++) await client.pong();
    assert.is((await fetch(`http://${relay.host}/rooms/big/messages`)).status, 200);
    const growth = memoryOf(relay) - before;
    assert.ok(growth < MAX_GROWTH_BYTES, `the relay grew by ${growth} bytes`);
    await client.close();
    for (const socket of sockets) socket.destroy();
  }),
);

http('refuses an address that asks for too much, and answers another', () =>
  withRelay({ TRUST_PROXY: '1' }, async relay => {
    const from = (address: string, path: string) =>
      fetch(`http://${relay.host}${path}`, { headers: { 'X-Forwarded-For': address } });
    const answers = await Promise.all(Array.from({ length: 300 }, () => from('203.0.113.1', '/rooms/a/messages')));
    const statuses = answers.map(({ status }) => status);
    assert.equal(new Set(statuses), new Set([200, 429]));
    assert.ok(statuses.filter(status => status === 200).length >= 200);
    const refused = await from('203.0.113.1:4711', '/rooms/a/messages');
    if (refused.status === 429) assert.match(refused.headers.get('Retry-After') ?? '', /^\d+$/);
    assert.is((await from('203.0.113.2', '/rooms/a/messages')).status, 200);
  }),
);

http('finishes the answers under way before it ends, and refuses new requests', () =>
  withRelay({}, async relay => {
    await fill(relay);
    // More than the buffers of the system hold, so that an answer stays under way once they are full.
    const socket = await askUnread(relay.port, HISTORY.repeat(100));
    // The relay takes turns, so by then it has written each of those answers for which there was room.
    for (let turn = 0; turn < 100; turn++) await exchange(relay.port, HEALTH);
    const ended = relay.stop('SIGTERM');
    let health = 'HTTP/1.1 200';
    while (health.startsWith('HTTP/1.1 200')) {
      health = await exchange(relay.port, HEALTH);
    }
    assert.match(health, /^HTTP\/1\.1 503 [\s\S]*{"status":"draining"/);
    const refused = await exchange(relay.port, 'GET /rooms/big HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.match(refused, /^HTTP\/1\.1 503 [\s\S]*{"error":{"code":"unavailable"/);
    assert.match(refused, /^connection: close/im);
    assert.match(refused, /^retry-after: \d+/im);
    const received = await new Promise<string>(resolve => {
      let text = '';
      socket.on('data', data => {
        text += data.toString('latin1');
      });
      socket.on('close', () => resolve(text));
      socket.resume();
    });
    const answers = received.split('HTTP/1.1 ').slice(1);
    assert.ok(answers.length > 1 && answers.length < 100, `${answers.length} answers`);
    for (const answer of answers) {
      const length = Number(/^content-length: (\d+)/im.exec(answer)?.[1]);
      assert.is(answer.length - answer.indexOf('\r\n\r\n') - 4, length, 'every answer is whole');
    }
    assert.ok(answers.slice(0, -1).every(answer => answer.startsWith('200 ')));
    assert.match(answers.at(-1) ?? '', /^503 /, 'those that waited behind it are refused');
    assert.is((await ended).code, 0);
  }),
);

http('accepts no connection once its log is closed, while nobody reads its output', () =>
  withRelay({}, async relay => {
    await fill(relay);
    await relay.stop();
    const fifo = join(relay.folder, 'output');
    execFileSync('mkfifo', [fifo]);
    const ends = [openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK), openSync(fifo, constants.O_WRONLY)];
    const [full = 0, output = 0] = ends;
    const env = { PATH: process.env.PATH, DATA: relay.data, PORT: `${relay.port}`, RATE: '0', MAX_PER_ADDRESS: '0' };
    const child = spawn(process.execPath, [RELAY], { env, stdio: ['ignore', output, 'inherit'] });
    try {
      while (!(await fetch(`http://${relay.host}/healthz`).catch(() => undefined))) await wait(50);
      assert.throws(() => {
        for (;;) writeSync(full, ' '.repeat(4096));
      }, /EAGAIN/);
      child.kill('SIGTERM');
      while (existsSync(`${relay.data}-wal`)) await wait(5);
      assert.is(await fetch(`http://${relay.host}/healthz`).catch(() => 'refused'), 'refused');
      if (child.exitCode === null) await once(child, 'exit');
      assert.is(child.exitCode, 0);
    } finally {
      child.kill('SIGKILL');
      for (const end of ends) closeSync(end);
    }
  }),
);

http('says once that a header is ignored which names the clients behind a proxy', () =>
  withRelay({}, async relay => {
    for (let round = 0; round < 3; round++) {
      await fetch(`http://${relay.host}/healthz`, { headers: { 'X-Forwarded-For': `203.0.113.${round}` } });
    }
    const { output } = await relay.stop();
    assert.is(output.match(/X-Forwarded-For is ignored/g)?.length, 1);
    assert.match(output, /"level":40,[^\n]*"warning":"TRUST_PROXY"/);
    assert.not.match(output, /203\.0\.113/);
  }),
);

http('a connection that brings too many requests at once takes nobody else behind its address with it', () =>
  withRelay({}, async ({ port }) => {
    const flood = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(400);
    const page = 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const kept = connect(port, 'localhost');
    await once(kept, 'connect');
    for (let round = 0; round < 5; round++) {
      await exchange(port, flood).catch(() => '');
      assert.match(await exchange(port, page), /^HTTP\/1\.1 200 OK/);
    }
    kept.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    const [answer] = await once(kept, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 200 OK/);
    kept.destroy();
  }),
);

http.run();
