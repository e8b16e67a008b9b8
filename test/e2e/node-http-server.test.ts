import { connect } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { exchange, startServer, type TestServer } from '../support/http-server.ts';

const server = suite<{ relay: TestServer; made: () => number }>('runtime/node/server');

server.before(async context => {
  let made = 0;
  context.made = () => made;
  context.relay = await startServer({
    asset(c, path) {
      const [, kind, number] = /^\/(stored|big|refused)(\d*)/.exec(path) ?? [];
      if (kind === 'stored') return c.body(null, 304, { ETag: '"x"' });
      if (kind === 'refused') return new Response('{}', { status: Number(number) });
      if (kind === 'big') made += 1;
      return c.body(kind === 'big' ? `${number};`.padEnd(BIG, '.') : path, 200, { 'Content-Type': 'text/javascript' });
    },
  });
});
server.after(({ relay }) => relay.close());

/** Characters of a big answer. */
const BIG = 1_000_000;

const get = (path: string, lines: readonly string[] = [], version = '1.1') =>
  `${['GET', 'HEAD', 'OPTIONS', 'POST'].some(method => path.startsWith(`${method} `)) ? path : `GET ${path}`} HTTP/${version}\r\n${[...lines, ''].map(line => `${line}\r\n`).join('')}`;

const HOST = 'Host: x';
const CLOSE = 'Connection: close';

server('ignores an offer of another protocol, and answers the request', context =>
  within(async () => {
    const { port } = context.relay;
    const h2c = ['Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'];
    for (const lines of [
      [...h2c, 'Upgrade: h2c'],
      ['Connection: Upgrade', 'Upgrade: TLS/1.2'],
      ['Connection: Upgrade', 'Upgrade: h2c, websocket'],
      ['Connection: keep-alive', 'Upgrade: websocket'],
    ]) {
      const received = await exchange(port, get('/healthz', [HOST, ...lines]));
      assert.match(received, /^HTTP\/1\.1 200 OK[\s\S]*{"status":"ok"}$/, lines.join());
    }
    for (const method of ['HEAD', 'OPTIONS']) {
      const bytes = get(`${method} /chat.js`, [HOST, 'Connection: Upgrade', 'Upgrade: websocket']);
      assert.match(await exchange(port, bytes), /^HTTP\/1\.1 20[04] /);
    }
    const post = get('POST /', [HOST, 'Connection: Upgrade', 'Upgrade: h2c', 'Content-Length: 4']);
    assert.match(await exchange(port, `${post}body`), /^HTTP\/1\.1 405 [\s\S]*method-not-allowed/);
    const handshake = get('/', [HOST, 'Connection: keep-alive, Upgrade', 'Upgrade: WebSocket']);
    assert.match(await exchange(port, handshake), /^HTTP\/1\.1 101 /);
    assert.match(
      await exchange(port, get('/healthz', ['Connection: Upgrade', 'Upgrade: websocket'], '1.0')),
      /^HTTP\/1\.1 200 /,
    );
  })(),
);

server('answers HTTP/1.0 with and without a host, as health checks send it', context =>
  within(async () => {
    const { port } = context.relay;
    for (const lines of [[], [HOST], ['Host:']]) {
      assert.match(await exchange(port, get('/healthz', lines, '1.0')), /^HTTP\/1\.1 200 [\s\S]*{"status":"ok"}$/);
      assert.match(await exchange(port, get('OPTIONS /', lines, '1.0')), /^HTTP\/1\.1 204 /);
      assert.match(await exchange(port, get('OPTIONS *', lines, '1.0')), /^HTTP\/1\.1 204 /);
      assert.match(await exchange(port, get('HEAD /healthz', lines, '1.0')), /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n$/);
    }
    assert.match(await exchange(port, get('/healthz')), /^HTTP\/1\.1 400 /, 'HTTP/1.1 requires a host');
    const kept = get('/healthz', ['Connection: keep-alive'], '1.0') + get('/healthz', [], '1.0');
    assert.is((await exchange(port, kept)).match(/HTTP\/1\.1 200/g)?.length, 2);
  })(),
);

server('leaves nothing open of the requests behind an answer that closes its connection', context =>
  within(async () => {
    const { port, requests } = context.relay;
    const closing = [
      ...[400, 408, 413, 417, 429, 431, 503].map(status => get(`/refused${status}.js`, [HOST])),
      get('/healthz', [HOST, CLOSE]),
      get('/healthz', ['Connection: close'], '1.0'),
      get('/healthz', [HOST, 'Connection: Upgrade', 'Upgrade: h2c']),
      get('/healthz', [HOST, 'Expect: more']),
      get('/healthz', [HOST, ...Array.from({ length: 101 }, (_, at) => `X-${at}: x`)]),
      `${get('POST /', [HOST, 'Content-Length: 4'])}body`,
      `${get('POST /', [HOST, 'Transfer-Encoding: chunked'])}0\r\n\r\n`,
      'GET\r\n\r\n',
    ];
    const next = get('/rooms/a/messages', [HOST]);
    for (const first of closing) {
      for (const behind of [next, next.repeat(9), get('/healthz', [HOST, CLOSE]), first]) {
        await exchange(port, first + behind);
        await exchange(port, next + first + behind);
      }
      for (let turn = 0; turn < 100 && requests.open > 0; turn++) await new Promise(setImmediate);
      assert.is(requests.open, 0, first);
    }
  })(),
);

server('gives no answer without a body the headers of one', context =>
  within(async () => {
    const { port } = context.relay;
    for (const [request, status] of [
      ['/stored.js', 304],
      ['HEAD /stored.js', 304],
      ['OPTIONS /', 204],
      ['OPTIONS /chat.js', 204],
      ['/rooms/a/', 308],
    ] as const) {
      const received = await exchange(port, get(request, [HOST, CLOSE]));
      assert.match(received, new RegExp(`^HTTP/1\\.1 ${status} `), request);
      assert.not.match(received, /^content-(type|encoding):/im, request);
      assert.match(received, /\r\n\r\n$/, request);
    }
    assert.match(await exchange(port, get('HEAD /chat.js', [HOST, CLOSE])), /content-type: text\/javascript/i);
  })(),
);

server('answers a target or a host that it cannot read with an error in JSON', context =>
  within(async () => {
    const { port } = context.relay;
    const status = async (bytes: string) => {
      const received = await exchange(port, bytes);
      const [, code] = /^HTTP\/1\.1 (\d+)/.exec(received) ?? [];
      if (code !== '200') assert.match(received, /"error":{"code":"/, bytes);
      return Number(code);
    };
    assert.is(await status(get('//', [HOST, CLOSE])), 404);
    assert.is(await status(get('/%', [HOST, CLOSE])), 404);
    assert.is(await status(get('/rooms/%ff', [HOST, CLOSE])), 404);
    assert.is(await status(get('http://other.example/healthz', [HOST, CLOSE])), 200);
    assert.is(await status(get('http://', [HOST, CLOSE])), 400);
    assert.is(await status(get('/\\x', [HOST, CLOSE])), 400);
    assert.is(await status(get('/healthz', ['Host: a b', CLOSE])), 400);
    assert.is(await status(get('/healthz', ['Host: [::1]:8000', CLOSE])), 200);
    assert.match(await exchange(port, get('/healthz', [HOST, 'hOST: y'])), /^HTTP\/1\.1 400 /, 'two hosts');
    assert.match(await exchange(port, get('/healthz', [HOST, HOST])), /^HTTP\/1\.1 400 /, 'the same host twice');
  })(),
);

server('answers a request with a body at once, reads little of it, and closes the connection', context =>
  within(async () => {
    const { port } = context.relay;
    const body = ['Content-Length: 1000000'];
    for (const [request, status] of [
      ['/', 413],
      ['OPTIONS /', 413],
      ['POST /', 405],
    ] as const) {
      const dripping = await exchange(port, `${get(request, [HOST, ...body])}x`);
      assert.match(dripping, new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*Connection: close`, 'i'), request);
      const continued = await exchange(port, get(request, [HOST, ...body, 'Expect: 100-continue']));
      assert.match(continued, new RegExp(`^HTTP/1\\.1 ${status} `), request);
    }
    const chunked = get('/', [HOST, 'Transfer-Encoding: chunked']);
    assert.match(await exchange(port, `${chunked}1\r\nx\r\n`), /^HTTP\/1\.1 413 /);
    assert.match(await exchange(port, get('/', [HOST, 'Expect: miracles'])), /^HTTP\/1\.1 417 /);
    const fields = Array.from({ length: 120 }, (_, at) => `A${at}: x`);
    assert.match(await exchange(port, get('/', [HOST, ...fields])), /^HTTP\/1\.1 431 /);
    assert.match(await exchange(port, 'CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n'), /^HTTP\/1\.1 405 /);
  })(),
);

server('makes one answer at a time for a connection, in order, and stops when nothing is read', context =>
  within(async () => {
    const { port, requests } = context.relay;
    const pipelined = Array.from({ length: 20 }, (_, at) => get(`/big${at}`, at === 19 ? [HOST, CLOSE] : [HOST])).join(
      '',
    );
    const socket = connect(port, 'localhost', () => socket.write(pipelined));
    socket.pause();
    while (context.made() === 0) await new Promise(resolve => setTimeout(resolve, 5));
    for (let turn = 0; turn < 200; turn++) await new Promise(resolve => setImmediate(resolve));
    // What the sockets' buffers hold, and one more.
    const before = context.made();
    assert.ok(before < 20, `${before} answers were made before any was read`);
    const received = await new Promise<string>(resolve => {
      let text = '';
      socket.on('data', data => {
        text += data;
      });
      socket.on('close', () => resolve(text));
      socket.resume();
    });
    assert.equal(
      [...received.matchAll(/(\d+);/g)].map(([, at]) => Number(at)),
      Array.from({ length: 20 }, (_, at) => at),
    );
    assert.is(requests.open, 0);
  })(),
);

server('closes a connection with too many requests waiting, and forgets them', context =>
  within(async () => {
    const { port, requests } = context.relay;
    const received = await exchange(port, get('/healthz', [HOST]).repeat(1200));
    assert.ok((received.match(/HTTP\/1\.1 200/g)?.length ?? 0) <= 101);
    assert.is(requests.open, 0);
    const answered = await exchange(port, get('/healthz', [HOST]).repeat(99) + get('/healthz', [HOST, CLOSE]));
    assert.is(answered.match(/HTTP\/1\.1 200/g)?.length, 100);
    assert.is(requests.open, 0);
  })(),
);

server('answers what is no request with an error in JSON, once, and closes the connection', context =>
  within(async () => {
    const { port, requests } = context.relay;
    const long = 'x'.repeat(20_000);
    for (const [bytes, status, code] of [
      ['nonsense\r\n\r\n', 400, 'bad-frame'],
      ['GET\r\n\r\n', 400, 'bad-frame'],
      ['GET / HTTP/1.1\r\n\r\n', 400, 'bad-frame'],
      ['GET / HTTP/3.7\r\n\r\n', 400, 'bad-frame'],
      ['FETCH / HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'bad-frame'],
      ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'bad-frame'],
      ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'bad-frame'],
      ['GET / HTTP/1.1\r\nHost : x\r\n\r\n', 400, 'bad-frame'],
      ['GET / HTTP/1.1\r\nHost: x\r\nA\x00: b\r\n\r\n', 400, 'bad-frame'],
      [get('/', [HOST, 'Content-Length: 1', 'Transfer-Encoding: chunked']), 400, 'bad-frame'],
      [get('/', [HOST, `A: ${long}`]), 431, 'too-long'],
      [get('/', [HOST, ...Array.from({ length: 120 }, (_, at) => `A${at}: x`)]), 431, 'too-long'],
      [get('/', [HOST, HOST]), 400, 'bad-frame'],
      [get('/', [HOST, 'Expect: miracles']), 417, 'bad-frame'],
      ['CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n', 405, 'method-not-allowed'],
    ] as const) {
      // What comes behind it is not answered.
      const received = await exchange(port, bytes + get('/healthz', [HOST]));
      assert.match(
        received,
        new RegExp(`^HTTP/1\\.1 ${status} [^]*\r\n\r\n{"error":{"code":"${code}","message":"[^"]+"}}$`),
        bytes.slice(0, 60),
      );
      assert.match(received, /^content-type: application\/json/im);
      assert.match(received, /^connection: close/im);
    }
    assert.is(requests.open, 0);
  })(),
);

server('breaks off the answers before what is no request, rather than mix them with another', context =>
  within(async () => {
    const { port, requests } = context.relay;
    const received = await exchange(port, `${get('/big1', [HOST])}nonsense\r\n\r\n`);
    assert.not.match(received, /bad-frame/);
    for (let turn = 0; turn < 100 && requests.open > 0; turn++) await new Promise(setImmediate);
    assert.is(requests.open, 0);
  })(),
);

server('parses no further request of a connection once it is closed', context =>
  within(async () => {
    const { port, requests, server } = context.relay;
    let parsed = 0;
    const count = () => {
      parsed += 1;
    };
    server.prependListener('request', count);
    await exchange(port, get('/healthz', [HOST]).repeat(1900));
    server.off('request', count);
    assert.ok(parsed > 100 && parsed <= 102, `${parsed} of 1900`);
    assert.is(requests.open, 0);
  })(),
);

server('closes a connection after a refusal, so that the next one costs a connection', context =>
  within(async () => {
    for (const status of [429, 503]) {
      const received = await exchange(context.relay.port, get(`/refused${status}`, [HOST]).repeat(3));
      assert.is(received.match(/HTTP\/1\.1/g)?.length, 1);
      assert.match(received, /^connection: close/im);
    }
  })(),
);

server.run();
