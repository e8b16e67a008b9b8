/**
 * HTTP is the same on both runtimes: the status and the headers of each request on Node and on Workers, except for what
 * the table in docs/workers.md names.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { WorkersProcess } from '../support/workers-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The table's most rows. */
const MAX_ROWS = 5;
/**
 * These belong to a connection and not to its answers, or are another each time. Extensions are negotiated by the proxy of
 * `wrangler dev`, which does not know our flags.
 */
const OF_THE_CONNECTION = [
  'connection',
  'keep-alive',
  'transfer-encoding',
  'date',
  'sec-websocket-accept',
  'sec-websocket-extensions',
];

interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

const HANDSHAKE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Extensions': 'permessage-deflate',
};
const FOREIGN = { Origin: 'https://a.example' };

const ENV = { EMBED_ORIGINS: 'https://a.example,http://localhost:8080' };
const node = new RelayProcess(ENV);
const workers = new WorkersProcess(ENV);
const http = suite('e2e: HTTP on both runtimes');

http.before(async () => {
  await Promise.all([node.start(), workers.start()]);
});
http.after(async () => {
  await Promise.all([node.dispose(), workers.dispose()]);
});

function asks(): Ask[] {
  const chunk = readdirSync(join(ROOT, 'static/chunks')).find(name => /^en-\w{8}\.js$/.test(name));
  return [
    { path: '/' },
    { path: '/', headers: { 'Accept-Language': 'zh' } },
    { path: '/?x=1' },
    { path: '/', method: 'HEAD' },
    { path: '/rooms/tea' },
    { path: '/rooms/%E5%A4%A7%E5%8E%85' },
    { path: '/rooms/a%20b' },
    { path: '/rooms/a/b' },
    { path: '/rooms/tea/messages' },
    { path: '/rooms/tea/messages', headers: FOREIGN },
    { path: '/rooms/tea/messages?limit=0' },
    { path: '/healthz' },
    { path: '/readyz' },
    { path: '/chat.js' },
    { path: '/chat.js', headers: { 'Accept-Encoding': 'gzip, br' } },
    { path: '/chat.js', headers: FOREIGN },
    { path: '/launcher.js', headers: FOREIGN },
    { path: '/chat.js', method: 'HEAD' },
    { path: '/style.css' },
    { path: '/favicon.svg' },
    { path: '/manifest.webmanifest' },
    { path: '/index.html' },
    { path: `/chunks/${chunk}` },
    { path: `/chunks/${chunk}`, headers: FOREIGN },
    { path: '/chunks/none-ABCDEFGH.js' },
    { path: '/localized/en.html' },
    { path: '/_headers' },
    { path: '/chat.js.br' },
    { path: '/chat.js%20' },
    { path: '/chat%2Ejs' },
    { path: '//' },
    { path: '//chat.js' },
    { path: '/nothing' },
    { path: '/', method: 'POST' },
    { path: '/rooms/tea', method: 'DELETE' },
    { path: '/', headers: { ...HANDSHAKE, Upgrade: 'h2c' } },
    { path: '/rooms/tea/' },
    { path: '/rooms/te%61' },
    { path: '/embed/rooms/tea' },
    { path: '/embed/rooms/tea?lang=zh&user=a', headers: { 'Accept-Encoding': 'gzip, br' } },
    { path: '/embed/rooms/tea/' },
    { path: '/embed/rooms/a%20b' },
    { path: '/embed/rooms' },
    { path: '/embed/rooms/tea', method: 'POST' },
    { path: '/embed.html' },
    { path: '/embed.js' },
    // workerd itself answers a handshake with another method.
    { path: '/rooms/tea', headers: HANDSHAKE },
    { path: '/rooms/tea/messages', headers: HANDSHAKE },
    { path: '/embed/rooms/tea', headers: HANDSHAKE },
    { path: '/healthz', headers: HANDSHAKE },
    { path: '/nothing', headers: HANDSHAKE },
  ];
}

function answer(port: number, { method = 'GET', path, headers = {} }: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers: { ...headers }, agent: false });
    const answered = (response: { statusCode?: number | undefined; headers: IncomingHttpHeaders }) =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    asked.on('response', response => {
      answered(response);
      response.resume();
    });
    asked.on('upgrade', (response, socket) => {
      answered(response);
      socket.destroy();
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** The headers that the table in the documentation names, a row each: they may differ. */
function documented(): string[][] {
  const lines = readFileSync(join(ROOT, 'docs/workers.md'), 'utf8').split('\n');
  const start = lines.indexOf('| in an HTTP answer | Node | Workers |');
  const rows = lines.slice(start + 2).slice(0, lines.slice(start).indexOf('') - 2);
  return rows.map(row =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.toLowerCase()),
  );
}

http(
  `the status and headers of each request are the same but for ${MAX_ROWS} documented differences`,
  within(async () => {
    const rows = documented();
    assert.ok(rows.length > 0 && rows.length <= MAX_ROWS, `${rows.length} rows`);
    const list = asks();
    assert.ok(list.length >= 30);
    const found = new Set<string>();
    const strange: string[] = [];
    for (const ask of list) {
      const [here, there] = [await answer(node.port, ask), await answer(workers.port, ask)];
      const name = `${ask.method ?? 'GET'} ${ask.path} ${JSON.stringify(ask.headers ?? {})}`;
      if (here.status !== there.status) strange.push(`${name}: ${here.status} and ${there.status}`);
      // A handshake that Node refuses has no further headers.
      if (ask.headers === HANDSHAKE && here.status !== 101) continue;
      for (const header of new Set([...Object.keys(here.headers), ...Object.keys(there.headers)])) {
        const [a, b] = [here.headers[header], there.headers[header]];
        if (OF_THE_CONNECTION.includes(header) || String(a).toLowerCase() === String(b).toLowerCase()) continue;
        found.add(header);
        if (!rows.flat().includes(header)) strange.push(`${name}: ${header} is ${a} and ${b}`);
      }
    }
    assert.equal(strange, []);
    assert.equal(
      rows.filter(row => !row.some(header => found.has(header))),
      [],
      'every row is still true',
    );
  }, 120_000),
);

http(
  'a room in a frame is for the pages that EMBED_ORIGINS names, on both, and nothing else is',
  within(async () => {
    for (const { port } of [node, workers]) {
      const ancestors = async (path: string) => {
        const { status, headers } = await answer(port, { path });
        return [status, /frame-ancestors ([^;]*)/.exec(String(headers['content-security-policy']))?.[1]];
      };
      assert.equal(await ancestors('/embed/rooms/tea'), [200, 'https://a.example http://localhost:8080']);
      for (const path of ['/', '/rooms/tea', '/embed.html', '/chat.js']) {
        assert.equal(await ancestors(path), [200, "'none'"], path);
      }
    }
  }),
);

http(
  'a file that has not changed is answered with 304 by both',
  within(async () => {
    for (const { port } of [node, workers]) {
      const { headers } = await answer(port, { path: '/chat.js' });
      const again = await answer(port, { path: '/chat.js', headers: { 'If-None-Match': headers.etag ?? '' } });
      assert.is(again.status, 304);
      const type = again.headers['content-type'];
      assert.ok(type === undefined || type === headers['content-type'], 'a cache must not give it another type');
    }
  }),
);

http.run();
