/** Tests the guard in front of @hono/node-ws with the handshakes that would break the package without it. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { within } from '../support/deadline.ts';
import { RelayProcess } from '../support/relay-process.ts';
import { WireClient } from '../support/wire-client.ts';

const guard = suite<{ relay: RelayProcess }>('node: guard');

// Each test has its own relay, so that one that ends its relay does not fail the others.
guard.before.each(async context => {
  context.relay = await new RelayProcess({ MAX_PER_ADDRESS: '0' }).start();
});
guard.after.each(({ relay }) => relay.dispose());

const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
const VERSION = 'Sec-WebSocket-Version: 13';

/** More than can be upgraded in one turn of the event loop. */
const CROWD = 500;

function handshake(target: string, lines: readonly string[] = [KEY, VERSION], method = 'GET'): string {
  const head = [`${method} ${target} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', ...lines];
  return `${head.join('\r\n')}\r\n\r\n`;
}

/** Sends bytes. Resolves with everything received until the other end closes, or until it matches `enough`. */
function exchange(port: number, bytes: string | Buffer, enough?: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, 'localhost', () => socket.write(bytes));
    let received = '';
    socket.on('data', data => {
      received += data.toString('latin1');
      if (enough?.test(received)) socket.destroy();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
}

guard('answers a path of two slashes, which would otherwise end the process', ({ relay }) =>
  within(async () => {
    for (const target of ['//', '/\\', '//a:b@c:99999/', 'http://[', '*']) {
      assert.match(await exchange(relay.port, handshake(target)), /^HTTP\/1.1 4\d\d /, target);
    }
    const client = await WireClient.join(relay.host, 'a', 'a');
    await client.close();
  })(),
);

guard('refuses a handshake that ws would refuse after the package has made an entry for it', ({ relay }) =>
  within(async () => {
    const bad: [string, RegExp][] = [
      [handshake('/rooms/a', [VERSION]), /^HTTP\/1.1 400 /],
      [handshake('/rooms/a', ['Sec-WebSocket-Key: short', VERSION]), /^HTTP\/1.1 400 /],
      [handshake('/rooms/a', [KEY]), /^HTTP\/1.1 426 [\s\S]*Sec-WebSocket-Version: 13/],
      [handshake('/rooms/a', [KEY, 'Sec-WebSocket-Version: 8']), /^HTTP\/1.1 426 /],
      [handshake('/rooms/a', [KEY, VERSION], 'POST'), /^HTTP\/1.1 405 /],
      [handshake('/nothing'), /^HTTP\/1.1 404 /],
      [handshake('/rooms/a%20b'), /^HTTP\/1.1 404 /],
      [handshake('/rooms/..'), /^HTTP\/1.1 404 /],
      [handshake('/rooms/%2e%2E?x'), /^HTTP\/1.1 404 /],
      [handshake('/.'), /^HTTP\/1.1 404 /],
      [handshake('/rooms/a').replace('Host: x\r\n', ''), /^HTTP\/1.1 400 /],
      [handshake('/rooms/a', [KEY, VERSION, ...Array.from({ length: 100 }, (_, n) => `X-${n}: x`)]), /^HTTP\/1.1 431 /],
      [`${handshake('/rooms/a')}${'x'.repeat(1100)}`, /^HTTP\/1.1 400 /],
    ];
    for (const [request, answer] of bad) assert.match(await exchange(relay.port, request), answer, request);
    const strange = handshake('/rooms/a', [KEY, VERSION, 'Sec-WebSocket-Protocol: ,,"']);
    assert.match(await exchange(relay.port, strange, /\r\n\r\n/), /^HTTP\/1.1 101 /);
  })(),
);

guard('serves the page if a request asks for an upgrade without a Connection header', ({ relay }) =>
  within(async () => {
    for (const method of ['GET', 'HEAD']) {
      const request = `${method} /rooms/a HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\r\n`;
      const answer = await exchange(relay.port, request, /\r\n\r\n/);
      assert.match(answer, /^HTTP\/1.1 200 [\s\S]*content-security-policy: default-src 'none'/i, method);
      assert.match(answer, /content-type: text\/html/i, method);
    }
  })(),
);

guard('fences off a request that offers an upgrade, over the fence of HTTP and of WebSocket alike', () =>
  within(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'heartline-guard-'));
    const FENCE = join(folder, 'fence.txt');
    writeFileSync(FENCE, 'room open\n');
    const relay = await new RelayProcess({ FENCE }).start();
    for (const path of ['/rooms/secret', '/rooms/secret/messages']) {
      for (const [version, lines] of [
        ['1.1', ['Upgrade: websocket']],
        ['1.0', ['Upgrade: websocket', 'Connection: upgrade']],
        ['1.1', ['Upgrade: h2c', 'Connection: upgrade']],
      ] as const) {
        const request = [`GET ${path} HTTP/${version}`, 'Host: x', ...lines, '', ''].join('\r\n');
        const answer = await exchange(relay.port, request, /\r\n\r\n/);
        assert.match(answer, /^HTTP\/1.1 40[34] /, `${path} ${version} ${lines}`);
      }
    }
    await relay.dispose();
    rmSync(folder, { recursive: true });
  })(),
);

guard('keeps running after handshakes that are reset before they are answered', ({ relay }) =>
  within(async () => {
    for (let i = 0; i < 100; i++) {
      await new Promise<void>(resolve => {
        const socket = connect(relay.port, 'localhost', () => {
          socket.write(handshake('/rooms/a'), () => socket.resetAndDestroy());
        });
        socket.on('error', () => {});
        socket.on('close', () => resolve());
      });
    }
    const client = await WireClient.join(relay.host, 'a', 'a');
    await client.pong();
    await client.close();
  })(),
);

guard('reads a hello that comes in the same segment as the handshake', ({ relay }) =>
  within(async () => {
    const hello = Buffer.from('{"type":"hello","user":"xs"}');
    // A client's frames are masked (RFC 6455, section 5.3); a mask of zeros leaves the text as it is.
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 | hello.length, 0, 0, 0, 0]), hello]);
    const bytes = Buffer.concat([Buffer.from(handshake('/rooms/a')), frame]);
    assert.match(await exchange(relay.port, bytes, /"type":"page"/), /"type":"welcome"[\s\S]*"type":"page"/);
  })(),
);

guard('accepts no frame of more than 64 KiB, while the package would accept 100 MiB', ({ relay }) =>
  within(async () => {
    const client = await WireClient.join(relay.host, 'a', 'a');
    client.send('x'.repeat(65_537));
    assert.is((await client.closed).code, 1009);
  })(),
);

guard('refuses an expectation that it cannot meet, and keeps running', ({ relay }) =>
  within(async () => {
    const request = 'GET / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\n\r\n';
    assert.match(await exchange(relay.port, request, /\r\n\r\n/), /^HTTP\/1.1 417 /);
    const client = await WireClient.join(relay.host, 'a', 'a');
    await client.close();
  })(),
);

guard('handles the hello of a connected client before a crowd of pending handshakes', ({ relay }) =>
  within(async () => {
    const first = new WireClient(relay.host, '/rooms/a');
    await first.opened;
    const crowd = Array.from({ length: CROWD }, () => connect(relay.port, 'localhost'));
    await Promise.all(crowd.map(socket => once(socket, 'connect')));
    let answered = 0;
    const answers = crowd.map(async socket => {
      await once(socket, 'data');
      answered += 1;
    });
    for (const socket of crowd) socket.write(handshake('/rooms/b'));
    first.send({ type: 'hello', user: 'a' });
    await first.until('page');
    const before = answered;
    await Promise.all(answers);
    assert.ok(before < CROWD / 2, `${before} were answered before`);
    for (const socket of crowd) socket.destroy();
    await first.close();
  })(),
);

guard('leaves no socket open after a refusal', ({ relay }) =>
  within(async () => {
    const began = Date.now();
    // This client never closes its own half.
    const received = await new Promise<string>(resolve => {
      const socket = connect({ port: relay.port, host: 'localhost', allowHalfOpen: true }, () => {
        socket.write(handshake('/nothing'));
      });
      let text = '';
      socket.on('data', data => {
        text += data;
      });
      socket.on('error', () => {});
      const probe = setInterval(() => socket.write('x'), 200);
      socket.on('close', () => {
        clearInterval(probe);
        resolve(text);
      });
    });
    assert.match(received, /404/);
    assert.ok(Date.now() - began < 10_000);
  })(),
);

guard.run();
