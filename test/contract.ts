/**
 * The contract: what every relay must do on any platform, tested from outside through its address. A few flags describe
 * differences between platforms.
 */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { WebSocket } from 'ws';
import { within } from './support/deadline.ts';
import { WireClient } from './support/wire-client.ts';

export interface ContractRelay {
  /** `host:port` of a relay with `RATE=0` and `MAX_PER_ADDRESS=0` that no other client uses. */
  readonly address: () => string;
  readonly before?: () => Promise<void>;
  readonly after?: () => Promise<void>;
  /** The minimum `spread` (ms); 500 unless the platform closes all connections without warning. */
  readonly spread?: number;
  /**
   * Whether a ping in the tutorial dialect is answered as text, because the platform answers it without waking the
   * room.
   */
  readonly textPong?: boolean;
}

let rooms = 0;

/** Returns a room that no other test has used. */
function freshRoom(): string {
  rooms += 1;
  return `contract-${Date.now().toString(36)}-${rooms}`;
}

const KEY = 'a-secret-key-0123456789';

/** Creates the suites; `run` runs them. */
export function contract(name: string, relay: ContractRelay): { run(): void } {
  const wire = suite(`${name}: the wire`);
  wire.before(async () => relay.before?.());

  wire(
    'sends a welcome with everything a client must know',
    within(async () => {
      const room = `大厅-${freshRoom()}`;
      const client = await WireClient.join(relay.address(), room, ' xs ');
      const [welcome] = client.of('welcome');
      assert.is(welcome?.v, 1);
      assert.is(welcome?.room, room);
      assert.match(welcome?.you ?? '', /^[\w-]{22,}$/);
      assert.equal(welcome?.people, { count: 1, list: [{ from: welcome?.you, user: 'xs' }] });
      assert.equal(
        { ...welcome?.limits, rate: 0, burst: 0 },
        { message: 4096, frame: 65536, rate: 0, burst: 0, page: 200, spread: relay.spread ?? 500 },
      );
      assert.equal(client.of('page'), [{ type: 'page', replay: 0, head: 0, missed: 0, more: false }]);
      await client.close();
    }),
  );

  wire(
    'delivers every message to everyone, including the sender, in one order',
    within(async () => {
      const room = freshRoom();
      const clients = await Promise.all(['a', 'b', 'c'].map(user => WireClient.join(relay.address(), room, user)));
      for (let index = 0; index < 50; index++) {
        for (const [who, client] of clients.entries()) client.say(`m${index}`, `${who}:${index}`);
      }
      await Promise.all(clients.map(client => client.until('normal', () => client.of('normal').length === 150)));
      const [first, ...others] = clients.map(client => client.of('normal'));
      for (const other of others) assert.equal(other, first);
      assert.equal(
        first?.map(({ seq }) => seq),
        Array.from({ length: 150 }, (_, index) => index + 1),
        'no place is missing',
      );
      for (const who of [0, 1, 2]) {
        const own = first?.filter(({ message }) => message.startsWith(`${who}:`)).map(({ message }) => message);
        assert.equal(
          own,
          Array.from({ length: 50 }, (_, index) => `${who}:${index}`),
        );
      }
      await Promise.all(clients.map(client => client.close()));
    }),
  );

  wire(
    'names the log and the generation of the room, and lets a client resume that knows the log alone',
    within(async () => {
      const room = freshRoom();
      const first = await WireClient.join(relay.address(), room, 'a');
      const epoch = first.of('welcome')[0]?.epoch ?? '';
      assert.match(epoch, /^[\w-]{1,60}\.0$/);
      for (const text of ['one', 'two', 'three']) first.say(text, text);
      await first.message('three');
      for (const known of [epoch, epoch.replace('.0', '')]) {
        const back = await WireClient.join(relay.address(), room, 'b', { epoch: known, since: 1 });
        await back.message('three');
        assert.equal(back.of('page'), [{ type: 'page', replay: 2, head: 3, missed: 0, more: false }]);
        assert.is(back.of('welcome')[0]?.epoch, epoch);
        await back.close();
      }
      const stranger = await WireClient.join(relay.address(), room, 'c', {
        epoch: epoch.replace('.0', '.1'),
        since: 1,
      });
      await stranger.message('three');
      assert.is(stranger.of('page')[0]?.missed, null);
      const answer = await fetch(`http://${relay.address()}/rooms/${room}/messages`);
      const history: unknown = await answer.json();
      assert.is(history instanceof Object && 'epoch' in history && history.epoch, epoch);
      await first.close();
      await stranger.close();
    }),
  );

  wire(
    'handles everything that was sent before the connection was closed, even if it all arrives at once',
    within(async () => {
      const room = freshRoom();
      const other = await WireClient.join(relay.address(), room, 'b');
      for (let index = 0; index < 20; index++) {
        const client = new WireClient(relay.address(), `/rooms/${room}`);
        await client.opened;
        client.send({ type: 'hello', user: 'hasty' });
        client.say(`m${index}`, 'said in passing');
        await client.close();
      }
      await other.until('normal', () => other.of('normal').length === 20);
      await other.close();
    }),
  );

  wire(
    'answers a ping with a ping, only to its sender, also before hello',
    within(async () => {
      const room = freshRoom();
      const other = await WireClient.join(relay.address(), room, 'b');
      const client = new WireClient(relay.address(), `/rooms/${room}`);
      await client.opened;
      client.send('{"type":"ping"}');
      assert.equal(await client.until('ping'), { type: 'ping' });
      await other.pong();
      assert.is(other.of('ping').length, 1);
      await client.close();
      await other.close();
    }),
  );

  wire(
    'gives the same key the same public id, across connections and rooms',
    within(async () => {
      const join = async (key?: string) => {
        const client = await WireClient.join(relay.address(), freshRoom(), 'x', key === undefined ? {} : { key });
        await client.close();
        return client.of('welcome')[0]?.you;
      };
      assert.is(await join(KEY), await join(KEY));
      assert.is.not(await join(KEY), await join(`${KEY}-`));
      assert.is.not(await join(), await join());
    }),
  );

  wire(
    'stores a retried message once, and acknowledges the retry with the stored message',
    within(async () => {
      const room = freshRoom();
      const first = await WireClient.join(relay.address(), room, 'a', { key: KEY });
      first.say('m1', 'once');
      const stored = await first.message('once');
      await first.close();
      const again = await WireClient.join(relay.address(), room, 'a', { key: KEY });
      const bystander = await WireClient.join(relay.address(), room, 'b');
      const from = again.frames.length;
      again.say('m1', 'once', { again: true });
      assert.equal(await again.until('normal', () => true, from), stored);
      again.say('m2', 'after');
      await bystander.message('after');
      assert.equal(bystander.said, ['once', 'after']);
      await again.close();
      await bystander.close();
    }),
  );

  wire(
    'stores the messages of a client in order, although a retry has to be looked up first',
    within(async () => {
      const room = freshRoom();
      const first = await WireClient.join(relay.address(), room, 'a', { key: KEY });
      for (let index = 1; index <= 200; index++) first.say(`m${index}`, `${index}`);
      await first.message('200');
      await first.close();
      const back = await WireClient.join(relay.address(), room, 'a', { key: KEY });
      await back.pong();
      const from = back.frames.length;
      back.say('n1', 'new 1', { again: true });
      back.say('n2', 'new 2');
      back.say('m7', '7', { again: true });
      back.say('n3', 'new 3', { again: true });
      await back.until('normal', ({ id }) => id === 'n3', from);
      const later = back.frames.slice(from).flatMap(frame => (frame.type === 'normal' ? [frame] : []));
      assert.equal(
        later.filter(({ id }) => id !== 'm7').map(({ id, seq }) => `${id} ${seq}`),
        ['n1 201', 'n2 202', 'n3 203'],
      );
      assert.equal(
        later.filter(({ id }) => id === 'm7').map(({ message, seq }) => `${message} ${seq}`),
        ['7 7'],
      );
      await back.close();
    }),
  );

  wire(
    'replays the newest 50 messages to a new client, and everything since its cursor to a returning one',
    within(async () => {
      const room = freshRoom();
      const a = await WireClient.join(relay.address(), room, 'a');
      for (let index = 1; index <= 60; index++) a.say(`m${index}`, `${index}`);
      await a.message('60');
      const epoch = a.of('welcome')[0]?.epoch;
      const seqs = a.of('normal').map(({ seq }) => seq);

      const fresh = await WireClient.join(relay.address(), room, 'b');
      await fresh.pong();
      assert.equal(fresh.of('page'), [{ type: 'page', replay: 50, head: seqs[59], missed: 0, more: false }]);
      assert.is(fresh.said.length, 50);
      assert.is(fresh.said[0], '11');

      const back = await WireClient.join(relay.address(), room, 'c', { epoch, since: seqs[56] });
      await back.pong();
      assert.equal(back.said, ['58', '59', '60']);
      await Promise.all([a, fresh, back].map(client => client.close()));
    }),
  );

  wire(
    'sends the log page by page while others keep sending messages',
    within(async () => {
      const room = freshRoom();
      const a = await WireClient.join(relay.address(), room, 'a');
      for (let index = 1; index <= 450; index++) a.say(`m${index}`, `${index}`);
      await a.message('450');
      const epoch = a.of('welcome')[0]?.epoch;
      const back = await WireClient.join(relay.address(), room, 'b', { epoch, since: 0 });
      for (let pages = 1; ; pages++) {
        await back.until('page', () => back.of('page').length === pages);
        await back.pong();
        a.say(`late${pages}`, `late ${pages}`);
        await a.message(`late ${pages}`);
        const page = back.of('page').at(-1);
        assert.is(page?.missed, 0);
        if (!page?.more) break;
        assert.is(page.replay, 200);
        back.send({ type: 'more', after: back.of('normal').at(-1)?.seq });
      }
      await back.message('late 3');
      assert.equal(back.said, a.said);
      assert.ok((await back.until('people', ({ list }) => list !== undefined)).list, 'and then the list of people');
      await a.close();
      await back.close();
    }),
  );

  wire(
    'says that entries may be missing if it cannot know',
    within(async () => {
      const room = freshRoom();
      const a = await WireClient.join(relay.address(), room, 'a');
      a.say('m1', 'x');
      const { seq } = await a.message('x');
      const epoch = a.of('welcome')[0]?.epoch;
      for (const hello of [
        { epoch: 'another', since: 0 },
        { epoch, since: seq + 1000 },
      ]) {
        const client = await WireClient.join(relay.address(), room, 'b', hello);
        await client.message('x');
        assert.is(client.of('page')[0]?.missed, null);
        await client.close();
      }
      await a.close();
    }),
  );

  wire(
    'refuses invalid frames with a code, and keeps the connection',
    within(async () => {
      const client = await WireClient.join(relay.address(), freshRoom(), 'a');
      client.say('m1', ' \n\u0085\u3000 ');
      client.say('m2', 'x'.repeat(4097));
      client.say('m3', 'x', { user: '\u202e' });
      client.say('bad id', 'x');
      client.send({ type: 'normal', id: 'm4', message: 7 });
      client.send({ type: 'rename', user: '' });
      client.send({ type: 'more', after: 0 });
      client.send({ type: 'hello', user: 'a' });
      client.send('not json');
      client.send('[]');
      client.send(new TextEncoder().encode('{"type":"ping"}'));
      client.send({ type: 'a-type-of-tomorrow' });
      client.say('m5', `${'x'.repeat(4094)}\ud800 `, { unknown: 'field' });
      const { message } = await client.until('normal');
      assert.is(message, `${'x'.repeat(4094)}\ufffd `, 'lone surrogates are replaced before it is stored');
      assert.equal(
        client.of('refused').map(({ code, of, id }) => [code, of, id ?? '']),
        [
          ['empty', 'normal', 'm1'],
          ['too-long', 'normal', 'm2'],
          ['bad-user', 'normal', 'm3'],
          ['bad-frame', 'normal', ''],
          ['bad-frame', 'normal', 'm4'],
          ['bad-user', 'rename', ''],
          ['bad-frame', 'more', ''],
          ['bad-frame', 'hello', ''],
          ['bad-frame', '', ''],
          ['bad-frame', '', ''],
          ['bad-frame', '', ''],
        ],
      );
      await client.close();
    }),
  );

  wire(
    'stores no message without anything visible, of too many lines, or with piled marks',
    within(async () => {
      const client = await WireClient.join(relay.address(), freshRoom(), 'a');
      const blanks = ['\u2800', '\u{1d159}\u200b', '\u3164\u202e', '\0', '\u0301\ufe0f'];
      for (const [index, blank] of blanks.entries()) client.say(`blank-${index}`, blank);
      client.say('long', `x${'\n'.repeat(200)}`);
      client.say('piled', `a${'\u0301'.repeat(240)}b`);
      client.say('flag', '🏴󠁧󠁢󠁳󠁣󠁴󠁿 ก็รู้');
      await client.message('🏴󠁧󠁢󠁳󠁣󠁴󠁿 ก็รู้');
      assert.equal(
        client.of('refused').map(({ code, id }) => `${code} ${id}`),
        [...blanks.map((_, index) => `empty blank-${index}`), 'too-long long'],
      );
      assert.equal(client.said, [`a${'\u0301'.repeat(8)}b`, '🏴󠁧󠁢󠁳󠁣󠁴󠁿 ก็รู้']);
      for (const user of ['\u2800', '\u{1d159}']) client.send({ type: 'rename', user });
      await client.until('refused', ({ of }) => of === 'rename');
      const strange = await fetch(`http://${relay.address()}/rooms/%E3%85%A4/messages`);
      assert.is(strange.status, 404);
      await client.close();
    }),
  );

  wire(
    'accepts only hello and ping before hello, and another hello after a refused one',
    within(async () => {
      const client = new WireClient(relay.address(), `/rooms/${freshRoom()}`);
      await client.opened;
      client.say('m1', 'x');
      client.send({ type: 'hello', user: '' });
      client.send({ type: 'hello', user: 'a', key: 'short' });
      client.send({ type: 'hello', user: 'a' });
      await client.until('page');
      // The announcement of the client itself may have arrived too.
      const answers = client.frames.filter(({ type }) => type !== 'people');
      assert.equal(
        answers.map(frame => (frame.type === 'refused' ? `${frame.code} ${frame.of}` : frame.type)),
        ['bad-frame normal', 'bad-user hello', 'bad-frame hello', 'welcome', 'page'],
      );
      await client.close();
    }),
  );

  wire(
    'closes a connection that sends garbage with 4400, and one that sends too big a frame with 1009',
    within(async () => {
      const garbage = await WireClient.join(relay.address(), freshRoom(), 'a');
      for (let index = 0; index < 20; index++) garbage.send('garbage');
      assert.is((await garbage.closed).code, 4400);
      const big = await WireClient.join(relay.address(), freshRoom(), 'a');
      big.send(`"${'x'.repeat(65_534)}"`);
      await big.until('refused');
      big.send(`"${'x'.repeat(65_535)}"`);
      assert.is((await big.closed).code, 1009);
    }),
  );

  wire(
    'announces people who join, leave, change their name or type',
    within(async () => {
      const room = freshRoom();
      const a = await WireClient.join(relay.address(), room, 'a');
      const b = await WireClient.join(relay.address(), room, 'b', { key: KEY });
      const you = b.of('welcome')[0]?.you;
      const joined = await a.until('people', frame => frame.joined?.some(({ user }) => user === 'b') ?? false);
      assert.is(joined.count, 2);
      b.send({ type: 'typing' });
      assert.equal(await a.until('typing'), { type: 'typing', from: you, user: 'b' });
      b.send({ type: 'rename', user: '新角色' });
      const renamed = await a.until('people', frame => frame.left?.some(({ user }) => user === 'b') ?? false);
      assert.is(renamed.count, 2);
      assert.equal(renamed.joined, [{ from: you, user: '新角色' }]);
      b.say('m1', 'under a new name');
      assert.is((await a.message('under a new name')).user, '新角色');
      await b.close();
      const left = await a.until('people', frame => frame.left?.some(({ user }) => user === '新角色') ?? false);
      assert.is(left.count, 1);
      assert.is(b.of('typing').length, 0);
      await a.close();
    }),
  );

  const tutorial = suite(`${name}: the tutorial's dialect`);

  tutorial(
    'sends binary and accepts text and binary frames, in the same lobby as the page',
    within(async () => {
      const old = new WireClient(relay.address(), '/');
      await old.opened;
      const page = await WireClient.join(relay.address(), 'lobby', '林小雨');
      old.send('{"type":"normal","user":"老王","message":"from the tutorial"}');
      assert.is((await page.message('from the tutorial')).user, '老王');
      old.send(new TextEncoder().encode('{"type":"normal","user":"老王","message":"in binary"}'));
      await page.message('in binary');
      page.say(`m-${Date.now()}`, 'to the tutorial');
      await old.message('to the tutorial');
      assert.ok(old.said.includes('from the tutorial'), 'including its own messages');
      assert.ok(old.binary.every(Boolean));
      old.send('{"type":"ping"}');
      await old.until('ping');
      assert.is(old.binary.at(-1), !relay.textPong);
      assert.equal(new Set(old.frames.map(({ type }) => type)), new Set(['normal', 'ping']));
      await old.close();
      await page.close();
    }),
  );

  tutorial(
    'silently drops what it cannot read',
    within(async () => {
      const old = new WireClient(relay.address(), '/');
      await old.opened;
      for (let index = 0; index < 30; index++) old.send('garbage');
      old.send('{"type":"normal","user":"","message":"x"}');
      old.send('{"type":"normal","user":"x","message":"  "}');
      old.send('{"type":"ping"}');
      await old.until('ping');
      assert.is(old.frames.length, 1);
      await old.close();
    }),
  );

  const http = suite(`${name}: over HTTP`);
  const get = (path: string, init?: RequestInit) => fetch(`http://${relay.address()}${path}`, init);

  http(
    'serves the page at / and for any room, with security headers and an ETag',
    within(async () => {
      for (const path of ['/', '/rooms/support', '/rooms/大厅']) {
        const response = await get(path);
        assert.is(response.status, 200, path);
        assert.match(response.headers.get('Content-Type') ?? '', /^text\/html/);
        assert.match(await response.text(), /chat\.js/);
        assert.match(response.headers.get('Content-Security-Policy') ?? '', /trusted-types 'none'/);
        assert.is(response.headers.get('X-Content-Type-Options'), 'nosniff');
        const etag = response.headers.get('ETag') ?? '';
        assert.is((await get(path, { headers: { 'If-None-Match': etag } })).status, 304);
      }
    }),
  );

  http(
    'serves the page in the requested language, and preloads its words',
    within(async () => {
      const page = (language: string, etag = '') =>
        get('/', { headers: { 'Accept-Language': language, 'If-None-Match': etag } });
      const etags = new Set<string>();
      for (const [language, tag, words] of [
        ['zh-TW, en;q=0.5', 'zh-CN', 'zh'],
        ['en-GB, zh;q=0.5', 'en', 'en'],
        ['tlh', 'en', 'en'],
      ] as const) {
        const response = await page(language);
        assert.match(response.headers.get('Vary') ?? '', 'Accept-Language');
        const html = await response.text();
        assert.match(html, `<html lang="${tag}">`);
        assert.match(html, new RegExp(`<link rel="modulepreload" href="/chunks/${words}-\\w{8}\\.js">`));
        const etag = response.headers.get('ETag') ?? '';
        assert.is((await page(language, etag)).status, 304);
        etags.add(etag);
      }
      assert.is(etags.size, 2);
    }),
  );

  http(
    'serves chunks as immutable, also to other origins, and answers missing ones with 404',
    within(async () => {
      const [, path = ''] = /href="(\/chunks\/[^"]+)"/.exec(await (await get('/')).text()) ?? [];
      const chunk = await get(path, { headers: { Origin: 'https://a.example' } });
      assert.match(await chunk.text(), 'export');
      assert.match(chunk.headers.get('Content-Type') ?? '', /^text\/javascript/);
      assert.is(chunk.headers.get('Cache-Control'), 'public, max-age=31536000, immutable');
      assert.is(chunk.headers.get('Access-Control-Allow-Origin'), '*');
      for (const missing of ['/chunks/en-00000000.js', '/chunks/', '/localized/en.html', '/localized/languages.json']) {
        const { status, headers } = await get(missing);
        assert.is(status, 404, missing);
        assert.not.match(headers.get('Cache-Control') ?? '', 'immutable');
      }
    }),
  );

  http(
    'returns the messages of a room',
    within(async () => {
      const room = freshRoom();
      const a = await WireClient.join(relay.address(), room, 'a');
      for (let index = 1; index <= 5; index++) a.say(`m${index}`, `${index}`);
      await a.message('5');
      const messages = a.of('normal');
      const epoch = a.of('welcome')[0]?.epoch;
      const head = messages[4]?.seq;
      const all = await (await get(`/rooms/${room}/messages`)).json();
      assert.equal(all, { room, epoch, head, messages });
      const after = await get(`/rooms/${room}/messages?after=${messages[1]?.seq}&limit=2`);
      assert.equal(await after.json(), { room, epoch, head, messages: messages.slice(2, 4) });
      const before = await get(`/rooms/${room}/messages?before=${messages[3]?.seq}&limit=2`);
      assert.equal(await before.json(), { room, epoch, head, messages: messages.slice(1, 3) });
      await a.close();
    }),
  );

  http(
    'answers invalid requests with a status and a code',
    within(async () => {
      const cases: [string, number, string][] = [
        ['/rooms/a%20b', 404, 'bad-room'],
        ['/rooms/a%20b/messages', 404, 'bad-room'],
        [`/rooms/${'x'.repeat(65)}`, 404, 'bad-room'],
        ['/rooms/a/messages?after=x', 400, 'bad-frame'],
        ['/rooms/a/messages?limit=201', 400, 'bad-frame'],
        ['/rooms/a/messages?after=1&before=2', 400, 'bad-frame'],
        ['/nothing', 404, 'not-found'],
      ];
      for (const [path, status, code] of cases) {
        const response = await get(path);
        assert.is(response.status, status, path);
        assert.match(await response.text(), `{"error":{"code":"${code}","message":"`);
      }
      for (const path of ['/', '/rooms/a', '/rooms/a/messages', '/healthz']) {
        const response = await get(path, { method: 'POST', body: 'x' });
        assert.equal([response.status, response.headers.get('Allow')], [405, 'GET, HEAD, OPTIONS']);
        assert.match(await response.text(), '{"error":{"code":"method-not-allowed","message":"');
      }
    }),
  );

  http(
    'leads to a room from every form of its address, and answers OPTIONS and HEAD',
    within(async () => {
      const room = freshRoom();
      for (const [path, location] of [
        [`/rooms/${room}/?x=1`, `../${room}?x=1`],
        [`/rooms/${encodeURIComponent('cafe\u0301')}`, `./${encodeURIComponent('caf\u00e9')}`],
      ] as const) {
        const { status, headers } = await get(path, { redirect: 'manual' });
        assert.equal([status, headers.get('Location'), headers.get('Content-Type')], [308, location, null], path);
      }
      const [one, other] = [
        new WireClient(relay.address(), `/rooms/${room}/`),
        new WireClient(relay.address(), `/rooms/${room}`),
      ];
      await Promise.all([one, other].map(client => client.opened));
      for (const client of [one, other]) client.send({ type: 'hello', user: 'a' });
      await Promise.all([one, other].map(client => client.until('page')));
      one.say('m1', 'through the other door');
      await other.message('through the other door');
      await Promise.all([one, other].map(client => client.close()));
      assert.is((await get('/', { method: 'OPTIONS' })).status, 204);
      for (const path of ['/', `/rooms/${room}`, `/rooms/${room}/messages`, '/healthz', '/readyz', '/chat.js']) {
        const { status, headers } = await get(path, { method: 'HEAD' });
        assert.is(status, 200, path);
        assert.is(headers.get('Content-Type'), (await get(path)).headers.get('Content-Type'), path);
      }
      assert.is((await get('/embed/rooms/tea')).status, 404, 'without EMBED_ORIGINS');
      const page = await get('/nothing', { headers: { Accept: 'text/html' } });
      assert.equal([page.status, /^text\/html/.test(page.headers.get('Content-Type') ?? '')], [404, true]);
    }),
  );

  http(
    'reports that it is healthy, and refuses upgrades where there is no room',
    within(async () => {
      for (const path of ['/healthz', '/readyz']) assert.equal(await (await get(path)).json(), { status: 'ok' });
      for (const path of ['/rooms/a%20b', '/nothing', '/rooms/a/messages', '/healthz']) {
        const ws = new WebSocket(`ws://${relay.address()}${path}`);
        const status = await new Promise(resolve => {
          ws.once('unexpected-response', (_request, { statusCode }) => resolve(statusCode));
          ws.once('open', () => resolve(101));
          ws.once('error', resolve);
        });
        assert.is.not(status, 101, path);
        ws.on('error', () => {});
        ws.terminate();
      }
    }),
  );

  const fuzz = suite(`${name}: arbitrary input`);

  fuzz(
    'never disturbs a conversation, and is answered with a code or a close',
    within(async () => {
      const room = freshRoom();
      const [a, b] = await Promise.all(['a', 'b'].map(user => WireClient.join(relay.address(), room, user)));
      if (!a || !b) return assert.unreachable();
      let said = 0;
      const talk = async () => {
        said += 1;
        a.say(`m${said}`, `talk ${said}`);
        await b.message(`talk ${said}`);
      };
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(`/rooms/${room}-x`, '/'),
          fc.boolean(),
          fc.array(anyFrame, { maxLength: 15 }),
          async (path, greets, frames) => {
            const client = new WireClient(relay.address(), path);
            await client.opened;
            if (greets) client.send({ type: 'hello', user: 'fuzz' });
            for (const frame of frames) client.send(frame);
            await talk();
            await client.close();
            const { code } = await client.closed;
            assert.ok([1000, 1005, 1006, 1009, 4400].includes(code), `closed with ${code}`);
          },
        ),
        { numRuns: 60 },
      );
      assert.is(b.said.length, said);
      assert.ok(b.said.every((message, index) => message === `talk ${index + 1}`));
      assert.equal(await (await get('/healthz')).json(), { status: 'ok' });
      await a.close();
      await b.close();
    }, 60_000),
  );

  fuzz.after(async () => relay.after?.());

  return {
    run() {
      for (const tests of [wire, tutorial, http, fuzz]) tests.run();
    },
  };
}

const goodFrame = fc.oneof(
  fc.record({
    type: fc.constant('hello'),
    user: fc.string(),
    key: fc.string(),
    since: fc.integer(),
    epoch: fc.string(),
  }),
  fc.record({
    type: fc.constant('normal'),
    id: fc.string(),
    message: fc.string({ unit: 'binary' }),
    again: fc.boolean(),
  }),
  fc.record({ type: fc.constant('more'), after: fc.integer() }),
  fc.record({ type: fc.constant('rename'), user: fc.string({ unit: 'binary' }) }),
  fc.record({ type: fc.constantFrom('typing', 'ping') }),
);

/** Bytes, JSON, valid frames, and valid frames with a mutation. */
const anyFrame: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 200 }).map(text => text.toWellFormed()),
  fc.json(),
  goodFrame.map(frame => JSON.stringify(frame)),
  fc
    .tuple(goodFrame, fc.constantFrom('type', 'id', 'message', 'user', 'after', 'since', 'again'), fc.jsonValue())
    .map(([frame, field, value]) => JSON.stringify({ ...frame, [field]: value })),
  fc.tuple(goodFrame, fc.nat(), fc.string({ maxLength: 3 })).map(([frame, at, insert]) => {
    const text = JSON.stringify(frame);
    const place = at % text.length;
    return (text.slice(0, place) + insert + text.slice(place + 1)).toWellFormed();
  }),
);
