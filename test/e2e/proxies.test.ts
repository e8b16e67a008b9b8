/**
 * The relay behind the proxies of docs/proxies.md, each with the configuration of that page: pages, assets from a cache,
 * WebSocket over restarts of the relay, the client's address, and health checks. A proxy that is not installed is left
 * out, with a note.
 */
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { configOnPage, PROXIES, type ProxyKind, ProxyProcess, programOf } from '../support/proxies.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { WireClient } from '../support/wire-client.ts';

// The proxies with TLS have certificates that were made for this test.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');

/** How long a proxy may take to notice that the relay is back. */
const BACK_MS = 20_000;
const RETRY_MS = 100;

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

async function get(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const request = (url.startsWith('https') ? requestHttps : requestHttp)(url, { agent: false, headers });
  request.end();
  const [answer]: IncomingMessage[] = await once(request, 'response');
  if (!answer) throw new Error('no answer');
  let text = '';
  for await (const data of answer.setEncoding('utf8')) text += data;
  return { status: answer.statusCode, headers: answer.headers, text };
}

/** Tries until it succeeds, while a proxy finds out that the relay is back. */
async function retry<T>(body: () => Promise<T>): Promise<T> {
  for (const deadline = Date.now() + BACK_MS; ; await wait(RETRY_MS)) {
    try {
      return await body();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

function testProxy(kind: ProxyKind, program: string): void {
  const { name, scheme } = kind;
  const proxied = suite<{ relay: RelayProcess; proxy: ProxyProcess; url: string; socket: string }>(`behind ${name}`);

  proxied.before(async context => {
    context.relay = await new RelayProcess({ TRUST_PROXY: '1', MAX_PER_ADDRESS: '2' }).start();
    context.proxy = await new ProxyProcess(kind).start(program, context.relay.port);
    context.url = `${scheme}://${context.proxy.host}`;
    context.socket = `${scheme === 'https' ? 'wss' : 'ws'}://${context.proxy.host}`;
  });
  proxied.after(async ({ relay, proxy }) => {
    await proxy.dispose();
    await relay.dispose();
  });

  proxied('the page and its script arrive, and after a revalidation they are still what they were', ({ url }) =>
    within(async () => {
      const page = await get(`${url}/rooms/tea`);
      assert.is(page.status, 200);
      assert.match(String(page.headers['content-type']), /^text\/html/);
      const script = await get(`${url}/chat.js`);
      for (const headers of [{}, { 'Cache-Control': 'max-age=0' }, { 'Cache-Control': 'no-cache' }, {}]) {
        const again = await get(`${url}/chat.js`, headers);
        assert.is(again.status, 200);
        assert.match(String(again.headers['content-type']), /^text\/javascript/);
        assert.is(again.text, script.text);
        const unchanged = await get(`${url}/chat.js`, { ...headers, 'If-None-Match': String(script.headers.etag) });
        // A cache may answer either, but what it answers must still be a script.
        if (unchanged.status === 304) continue;
        assert.is(unchanged.status, 200);
        assert.match(String(unchanged.headers['content-type']), /^text\/javascript/);
      }
    })(),
  );

  proxied('a client comes back over a restart and a kill of the relay, and misses nothing', ({ relay, socket }) =>
    within(async () => {
      let client = await WireClient.join(socket, 'tea', 'a');
      for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
        client.say(`before-${signal}`, `before ${signal}`);
        const { seq: since } = await client.message(`before ${signal}`);
        client.say(`missed-${signal}`, `missed ${signal}`);
        await client.message(`missed ${signal}`);
        const epoch = client.of('welcome')[0]?.epoch;
        await relay.stop(signal);
        const { code } = await client.closed;
        if (signal === 'SIGTERM') assert.is(code, 1012);
        await relay.start();
        client = await retry(() => WireClient.join(socket, 'tea', 'a', { epoch, since }));
        await client.message(`missed ${signal}`);
        assert.equal(client.said, [`missed ${signal}`]);
        assert.is(client.of('page')[0]?.missed, 0);
      }
      await client.close();
    }, 90_000)(),
  );

  proxied('the address is that of the client, and not what the client says it is', ({ relay, socket }) =>
    within(async () => {
      const spoofed = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(
        address => new WireClient(socket, '/rooms/tea', { 'X-Forwarded-For': address }),
      );
      assert.is((await Promise.race(spoofed.map(client => client.closed))).code, 4429);
      const direct = new WireClient(relay.host, '/rooms/tea', { 'X-Forwarded-For': '192.0.2.1' });
      await direct.opened;
      direct.send({ type: 'hello', user: 'a' });
      await direct.until('page');
      for (const client of [...spoofed, direct]) client.ws.terminate();
    })(),
  );

  proxied('a health check is answered, fails while the relay is down, and is answered again', ({ relay, url }) =>
    within(async () => {
      assert.is((await get(`${url}/healthz`)).status, 200);
      await relay.stop();
      assert.ok(Number((await get(`${url}/healthz`)).status) >= 500);
      await relay.start();
      await retry(async () => assert.is((await get(`${url}/healthz`)).status, 200));
    }, 60_000)(),
  );

  proxied.run();
}

const page = suite('docs/proxies.md');

page('has a configuration of each proxy', () => {
  for (const { name } of PROXIES) assert.ok(configOnPage(name).length > 0, name);
});

page.run();

const missing: string[] = [];
for (const kind of PROXIES) {
  const program = programOf(kind.name);
  if (program === undefined) missing.push(kind.name);
  else testProxy(kind, program);
}
if (missing.length > 0) {
  process.stdout.write(`note: not tested, because it is not installed: ${missing.join(', ')}\n`);
}
