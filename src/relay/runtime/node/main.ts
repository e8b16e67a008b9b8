/**
 * The relay on Node: reads the configuration, connects the parts, starts, and shuts down gracefully on a signal. If it
 * cannot start, it prints the reason in one line and exits with 1.
 */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { type IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';
import { sourceOf } from '../../access/address.ts';
import { FenceError } from '../../access/fence.ts';
import { Gate } from '../../access/gate.ts';
import { FOREIGN_ORIGIN, TOO_MANY_ANSWERS } from '../../access/refusal.ts';
import { ineffectiveVariables } from '../../config/ineffective.ts';
import { ConfigError, readConfig } from '../../config.ts';
import { addRoutes } from '../../http/app.ts';
import type { AppEnv } from '../../http/room-route.ts';
import { Relay } from '../../relay.ts';
import { drain, guard, guardedClock, startSweep } from '../lifecycle.ts';
import { Warnings, warningOf } from '../warnings.ts';
import { type Assets, loadAssets } from './assets.ts';
import { serveBackups } from './backup-server.ts';
import { type Answer, answerArguments } from './command-line.ts';
import { ConnectionLog } from './connection-log.ts';
import { descriptorLimit, noteDescriptors } from './descriptors.ts';
import { eventLoop, SAMPLE_MS, watchLoad } from './event-loop.ts';
import { openFence } from './fence-file.ts';
import { fetchListener } from './fetch-listener.ts';
import { HttpConnections } from './http-connections.ts';
import { LogFileError, openLogFile } from './log-file.ts';
import { openLogger } from './logger.ts';
import { readManifest, whyTooOld } from './manifest.ts';
import { addressFinder, incomingOf } from './request.ts';
import { RequestQueue } from './request-queue.ts';
import { createHttpServer, listen, prepare } from './server.ts';
import { listenToSignals } from './signals.ts';
import { noteRefusal, openConnection } from './socket-connection.ts';
import { TaskQueue } from './task-queue.ts';
import { createUpgrades } from './upgrade.ts';

const STATIC = fileURLToPath(new URL('../static', import.meta.url));

function main(): void {
  const answer = answerArguments(process.argv.slice(2), () => String(readManifest().version));
  if (answer) return say(answer);
  const old = whyTooOld(process.version, readManifest());
  if (old !== undefined) return fail(old);
  const config = readConfig(process.env);
  if (config instanceof ConfigError) return fail(config.message);
  const report = (error: unknown) => logger.error({ err: error }, 'fault');
  // It begins at the time of day, so that a time of 0 is long ago.
  const began = performance.timeOrigin;
  const clock = guardedClock(report, () => began + performance.now());
  const { logger, end: endLog } = openLogger(config, clock);
  const warnings = new Warnings(clock, { tell: (level, line, sentence) => logger[level](line, sentence) });
  for (const { sentence, ...details } of ineffectiveVariables(process.env)) logger.warn(details, sentence);

  let assets: Assets;
  try {
    assets = loadAssets(STATIC);
  } catch {
    return fail('the page is not built: run npm run build');
  }
  const fenceFile = openFence(config.fence, {
    onChange: rules => {
      relay.enforceFence();
      logger.info({ rules }, 'fence loaded');
    },
    onError: reason => logger.warn(reason),
  });
  if (fenceFile instanceof FenceError) return fail(fenceFile.message);
  // What people wrote is nobody's business on this machine, unless the operator gives it to a group.
  process.umask(process.umask() | 0o007);
  const file = openLogFile(config, report);
  if (file instanceof LogFileError) return fail(file.message);

  const { fence } = fenceFile;
  const [loop, gate] = [
    eventLoop(report),
    new Gate(config, {
      tickMs: SAMPLE_MS,
      fence,
      onForeignOrigin: address => noteRefusal(shared, address, FOREIGN_ORIGIN),
      onNewRoomsRefused: () => warnings.raise('new rooms'),
      onMessagesRefused: () => warnings.raise('messages'),
    }),
  ];
  const relay = new Relay({
    gate,
    log: file.log,
    clock,
    sha256: text => createHash('sha256').update(text).digest(),
    defer: run => loop.later(run),
    scheduler: loop,
    readScheduler: loop,
    report,
    keepMs: config.keepMs,
    onBounds: reached => warnings.setBounds(reached),
    onRemoved: rooms => logger.info({ rooms }, 'rooms removed: nobody wrote to them for as long as KEEP says'),
  });

  const app = new Hono<AppEnv>();
  // Two queues, so that the hello of a connected client does not wait for clients that are still connecting.
  const connectionLog = new ConnectionLog(logger, {
    clock,
    addresses: config.logAddresses,
    connections: () => relay.connections,
  });
  const shared = { relay, connectionLog, warnings, report, taskQueue: new TaskQueue(loop) };
  const addressOf = addressFinder(config.trustProxy, {
    onIgnored: () => warnings.raise('TRUST_PROXY'),
    onMissing: () => warnings.raise('X-Forwarded-For'),
  });
  const answerRequest = fetchListener(app.fetch, { report });
  const httpConnections = new HttpConnections({
    ...config,
    onRefused: (address, refusal) => noteRefusal(shared, address, refusal),
    later: run => loop.later(run),
    report,
  });
  const requests = new RequestQueue(new TaskQueue(loop), {
    answer: (request, response, inTurn) =>
      prepare(request, response, { answer: () => answerRequest(request, response), inTurn }),
    sourceOf: request => sourceOf(addressOf(request)),
    onFlood: request => noteRefusal(shared, addressOf(request), TOO_MANY_ANSWERS),
    report,
  });
  const upgrades = createUpgrades(app, {
    onUpgraded: (ws, upgraded) => {
      httpConnections.leave(upgraded.tcp);
      openConnection(shared, ws, upgraded);
    },
    begin: request => {
      const address = addressOf(request);
      const visit = gate.beginHandshake(address, clock.now());
      if (visit.refusal) noteRefusal(shared, address, visit.refusal);
      return { visit, source: sourceOf(address) };
    },
    onHandshake: request => httpConnections.countHandshake(request),
    isBusy: socket => requests.isBusy(socket),
    taskQueue: new TaskQueue(loop),
    report,
  });
  addRoutes(app, {
    config,
    gate,
    addressOf: c => addressOf(incomingOf(c)),
    isHandshake: upgrades.isHandshake,
    upgrade: upgrades.upgrade,
    asset: assets.answer,
    languages: () => assets.languages,
    history: (...asked) => relay.history(...asked),
    begin: (c, work) => {
      const { outgoing }: { outgoing?: unknown } = c.env ?? {};
      // The gate has been asked about a handshake before it waited for its turn.
      if (!(outgoing instanceof ServerResponse)) return undefined;
      const visit = gate.begin({ address: addressOf(incomingOf(c)), ...work }, clock.now());
      outgoing.once(
        'close',
        guard(() => visit.end(), report),
      );
      const warning = visit.refusal && warningOf(visit.refusal);
      if (warning !== undefined) warnings.raise(warning);
      return visit.refusal;
    },
    failing: () => {
      if (relay.failing) return 'Messages cannot be stored: the database refuses commits.';
      return gate.isExceeded ? 'Messages cannot be stored: the log uses more bytes than MAX_DISK allows.' : undefined;
    },
    report,
  });

  const take = (request: IncomingMessage, response: ServerResponse) => {
    httpConnections.count(request);
    requests.add(request, response);
  };
  const server = createHttpServer({ take: guard(take, report), isBusy: socket => requests.isBusy(socket) });
  httpConnections.watch(server);
  upgrades.listen(server);
  listen(server, {
    config,
    onListening: port => logger.info({ port, url: config.publicOrigin ?? `http://localhost:${port}` }, 'listening'),
    onError: reason => {
      backups?.close();
      file.close();
      fail(reason);
    },
    report,
  });
  const backups = file.path === undefined ? undefined : serveBackups(file.path, { hold: file.hold, report });
  const limit = descriptorLimit() ?? Number.POSITIVE_INFINITY;
  if (limit < config.maxConnections)
    logger.warn({ limit }, 'MAX_CONNECTIONS is more than the limit of file descriptors');
  const steps = [
    () => {
      const fault = file.check();
      if (fault !== undefined) fail(fault);
    },
    () => backups?.check(),
    () => fenceFile.poll(),
    () => (relay.failing ? warnings.raise('commits') : warnings.over('commits')),
    () =>
      server.getConnections((error, connections) => {
        if (!error) noteDescriptors(warnings, { connections, limit });
      }),
    () => warnings.sweep(),
    () => relay.sweep(),
  ].map(step => guard(step, report));
  const sweep = () => {
    for (const step of steps) step();
  };
  const stopSweep = startSweep({ sweep }, clock);
  watchLoad(clock, lateMs => gate.sampleLoad(lateMs, clock.now()));

  let exitCode = 0;
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    stopSweep();
    backups?.close();
    connectionLog.flush();
    // Nobody is to be answered from a log that is closed.
    server.close();
    server.closeAllConnections();
    try {
      file.close();
    } catch (error) {
      // No message that anyone has read is lost: the next start treats this as an unclean stop.
      return fail(`${config.data} could not be closed (${error instanceof Error ? error.message : error})`);
    }
    logger.info('closed');
    endLog(() => process.exit(exitCode));
  };
  const stop = (signal: string) => {
    if (relay.draining) return;
    logger.info({ signal, connections: relay.connections }, 'closing');
    const parts = {
      drain: () => relay.drain(),
      get connections() {
        return relay.connections + requests.open;
      },
    };
    drain(parts, { clock, report, onDrained: end });
  };
  listenToSignals({ source: process, now: clock.now, onFirst: guard(stop, report), onFurther: guard(end, report) });
  // Nobody waited for this promise, but nothing was interrupted.
  process.on('unhandledRejection', report);
  // Nobody knows what was interrupted. What is stored is safe; the rest begins anew in the next process.
  process.on('uncaughtException', error => {
    logger.fatal({ err: error }, 'uncaught exception');
    exitCode = 1;
    stop('uncaughtException');
  });
}

function say({ text, status }: Answer): void {
  (status === 0 ? process.stdout : process.stderr).write(text);
  process.exitCode = status;
}

function fail(message: string): void {
  try {
    writeSync(2, `heartline: ${message}\n`);
  } catch {
    // It cannot be told.
  }
  // Nothing is closed first, so that a file that could not be used is left unchanged.
  process.exit(1);
}

main();
