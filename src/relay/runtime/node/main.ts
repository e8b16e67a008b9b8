/**
 * A relay on Node, from the first line to the last: reads the configuration, opens the log, listens, and on SIGTERM or
 * SIGINT sends everyone away in good order. What cannot start says why in one line and ends with 1.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import pino from 'pino';
import { Gate } from '../../access/gate.ts';
import type { Clock } from '../../clock.ts';
import { ConfigError, readConfig } from '../../config.ts';
import { type AppEnv, addRoutes } from '../../http/app.ts';
import { Relay } from '../../relay.ts';
import { loadAssets } from './assets.ts';
import { LogFileError, openLogFile } from './log-file.ts';
import { openConnection } from './socket-connection.ts';
import { TaskQueue } from './task-queue.ts';
import { createUpgrades } from './upgrade.ts';

const SWEEP_MS = 1000;
/** How long a request or its answer may stand still: who does not read what it asked for is not waited for. */
const HTTP_IDLE_MS = 30_000;
/** After a signal: how long lines may take to close, of the 5 s in which the process ends. */
const DRAIN_MS = 3000;
const DRAIN_POLL_MS = 20;
const STATIC = fileURLToPath(new URL('../static', import.meta.url));

function main(): void {
  const config = readConfig(process.env);
  if (config instanceof ConfigError) return fail(config.message);
  const output = pino.destination({ dest: 1, sync: true });
  // A log that cannot be written, its disk full or its reader gone, must not end what it tells of.
  output.on('error', () => {});
  const logger = pino({ level: config.logLevel, base: null }, output);
  const report = (error: unknown) => logger.error({ err: error }, 'fault');

  let asset: ReturnType<typeof loadAssets>;
  try {
    asset = loadAssets(STATIC);
  } catch {
    return fail('the page is not built: run npm run build');
  }
  const file = openLogFile(config, report);
  if (file instanceof LogFileError) return fail(file.message);

  const scheduler = { now: () => performance.now(), later: (run: () => void) => setImmediate(guard(run, report)) };
  const gate = new Gate(config);
  const relay = new Relay({
    gate,
    log: file.log,
    clock: CLOCK,
    sha256: text => createHash('sha256').update(text).digest(),
    defer: run => setImmediate(guard(run, report)),
    scheduler,
    report,
  });

  const app = new Hono<AppEnv>();
  const next = (run: () => void) => queueMicrotask(() => process.nextTick(run));
  const loop = { ...scheduler, next: (run: () => void) => next(guard(run, report)) };
  // Two queues: whoever is upgraded must not wait with his hello for all those who are not.
  const connectionParts = { relay, logger, report, taskQueue: new TaskQueue(loop), trustProxy: config.trustProxy };
  const upgrades = createUpgrades(
    app,
    (...opened) => openConnection(connectionParts, ...opened),
    new TaskQueue(loop),
    report,
  );
  addRoutes(app, {
    config,
    draining: () => relay.draining,
    upgrade: upgrades.upgrade,
    asset,
    history: (room, place, limit) => relay.history(room, place, limit),
    report,
  });

  const answer = getRequestListener(app.fetch);
  // Not the server's own timeout: that would leave a timer behind with every line that is upgraded.
  const server = createServer({ headersTimeout: HTTP_IDLE_MS }, (request, response) => {
    request.socket.setTimeout(HTTP_IDLE_MS);
    answer(request, response);
  });
  server.on('checkExpectation', (request, response) => {
    request.socket.setTimeout(HTTP_IDLE_MS);
    response.writeHead(417).end();
  });
  upgrades.listen(server);
  server.once('error', (error: NodeJS.ErrnoException) => {
    file.close();
    const reason =
      error.code === 'EADDRINUSE' ? 'is taken by another process' : `cannot be listened on (${error.message})`;
    const host = config.host === undefined ? '' : `HOST ${config.host}, `;
    fail(`${host}PORT ${config.port} ${reason}`);
  });
  server.listen(config.port, config.host, () => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    logger.info({ port, url: config.publicOrigin ?? `http://localhost:${port}` }, 'listening');
  });
  const sweeping = setInterval(
    guard(() => relay.sweep(), report),
    SWEEP_MS,
  );

  const stop = (signal: string) => {
    if (relay.draining) return;
    logger.info({ signal, connections: relay.connections }, 'closing');
    guard(() => relay.drain(), report)();
    const end = () => {
      clearInterval(sweeping);
      try {
        file.close();
      } catch (error) {
        // Nothing that was read is lost by this: the next start takes it for a stop that was not clean.
        return fail(`${config.data} could not be closed (${error instanceof Error ? error.message : error})`);
      }
      logger.info('closed');
      process.exit(0);
    };
    const late = setTimeout(end, DRAIN_MS);
    const wait = setInterval(() => {
      if (relay.connections > 0) return;
      clearTimeout(late);
      clearInterval(wait);
      end();
    }, DRAIN_POLL_MS);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

const CLOCK: Clock = {
  now: Date.now,
  setTimeout,
  // What comes back is what our own setTimeout gave.
  clearTimeout: timer => clearTimeout(timer as NodeJS.Timeout),
};

/** Our own bugs are caught once, here at the edge, so that they cost no more than the line or the beat they are in. */
function guard<A extends unknown[]>(run: (...args: A) => void, caught: (error: unknown) => void): (...args: A) => void {
  return (...args) => {
    try {
      run(...args);
    } catch (error) {
      caught(error);
    }
  };
}

function fail(message: string): void {
  process.stderr.write(`heartline: ${message}\n`);
  // Not by closing what is open: a file that could not be used stays exactly as it is.
  process.exit(1);
}

main();
