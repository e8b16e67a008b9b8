/** The relay's own log on Node: one JSON object per line on standard output, which never holds the relay up. */
import pino, { type Logger } from 'pino';
import type { Config } from '../../config.ts';
import { LineQueue, type LineQueueOptions } from './line-queue.ts';
import { openOutput } from './log-output.ts';

/** How long the end waits for an output that takes nothing. */
const END_MS = 500;

export interface OpenLog {
  readonly logger: Logger;
  /** Calls `run` once everything is written, or after half a second. */
  readonly end: (run: () => void) => void;
}

export function openLogger({ logLevel }: Pick<Config, 'logLevel'>, clock: LineQueueOptions['clock']): OpenLog {
  const queue = new LineQueue(openOutput(1), {
    clock,
    onDropped: lines => logger.warn({ lines }, 'lines were dropped: the log was not read, or there were too many'),
  });
  const logger = pino({ level: logLevel, base: null }, queue);
  return { logger, end: run => queue.end(END_MS, run) };
}
