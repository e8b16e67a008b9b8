/**
 * `npm run bench:page`: sends 10,000 messages through the page's list in a real Chromium, 200 a second, and measures
 * the longest frame, the memory kept, and the time from a `normal` on the wire to its painted row. Option:
 * `-- --messages 1000`.
 */
import { fileURLToPath } from 'node:url';
import type { CDPSession, Page } from 'playwright-core';
import { buildAll } from '../scripts/build.ts';
import { readOptions } from '../scripts/options.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { RelayProcess } from '../test/support/relay-process.ts';
import { WireClient } from '../test/support/wire-client.ts';
import { figure } from './results.ts';
import { round } from './table.ts';

const options = readOptions('npm run bench:page', {
  messages: { type: 'string', default: '10000' },
  rate: { type: 'string', default: '200' },
});
/** The times that `watch-page.js` has measured since the last `forget`, in milliseconds. */
interface Seen {
  /** From one animation frame to the next. */
  readonly frames: readonly number[];
  /** From the arrival of a `normal` to the end of the frame that painted its row. */
  readonly painted: readonly number[];
}

declare global {
  interface Window {
    readonly seen: Seen;
    forget(): void;
  }
}

const WATCH = fileURLToPath(new URL('watch-page.js', import.meta.url));
const MESSAGES = Number(options.messages);
const RATE = Number(options.rate);
const SAMPLES = 5;
const TICK_MS = 5;
const SETTLE_MS = 500;
const LAST_MS = 10_000;

/** Sends the messages that are due, a few at a time, until `count` have been sent. */
async function talk(client: WireClient, from: number, count: number): Promise<void> {
  const began = performance.now();
  for (let said = 0; said < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - began) * RATE) / 1000));
    for (; said < due; said++)
      client.say(`m${from + said}`, `第 ${from + said} 条 message, of the length that people write`);
    await new Promise(resolve => setTimeout(resolve, TICK_MS));
  }
}

/** Heap in MB after a garbage collection, and nodes in the document. */
async function weigh(cdp: CDPSession): Promise<{ heapMb: number; nodes: number }> {
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const value = (name: string) => metrics.find(metric => metric.name === name)?.value ?? 0;
  return { heapMb: value('JSHeapUsedSize') / 1e6, nodes: value('Nodes') };
}

async function seen(page: Page): Promise<Seen> {
  return page.evaluate(() => window.seen);
}

function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))] ?? 0;
}

await buildAll();
const relay = await new RelayProcess({ RATE: '0' }).start();
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 900, height: 800 } });
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  await page.addInitScript({ path: WATCH });
  await page.goto(`http://${relay.host}/rooms/bench`);
  await page.locator('chat-window[state="connected"]').waitFor();
  const client = await WireClient.join(relay.host, 'bench', 'someone');
  await new Promise(resolve => setTimeout(resolve, SETTLE_MS));
  await page.evaluate(() => window.forget());
  const levels = [await weigh(cdp)];
  // The garbage collection stops the page, so frames of that time are not counted.
  const frames: number[] = [];
  const painted: number[] = [];
  for (let part = 0; part < SAMPLES; part++) {
    const count = Math.round(MESSAGES / SAMPLES);
    await page.evaluate(() => window.forget());
    await talk(client, part * count, count);
    await page.waitForFunction(wanted => window.seen.painted.length >= wanted, count, { timeout: LAST_MS });
    const part_ = await seen(page);
    frames.push(...part_.frames);
    painted.push(...part_.painted);
    levels.push(await weigh(cdp));
    process.stderr.write(`${(part + 1) * count} of ${MESSAGES} messages\n`);
  }
  const heap = levels.map(({ heapMb }) => round(heapMb)).join(', ');
  process.stdout.write(
    `${painted.length} messages, ${RATE} a second\n` +
      `longest frame: ${round(Math.max(...frames))} ms (aim: 50), p99 ${round(quantile(frames, 0.99))} ms, ` +
      `${frames.filter(ms => ms > 50).length} of ${frames.length} over 50 ms\n` +
      `from the wire to the painted row: p50 ${round(figure(painted)?.median ?? 0)} ms, ` +
      `p99 ${round(quantile(painted, 0.99))} ms, longest ${round(Math.max(...painted))} ms\n` +
      `heap after each fifth: ${heap} MB; nodes: ${levels.map(({ nodes }) => nodes).join(', ')}\n`,
  );
} finally {
  await browser.close();
  await relay.dispose();
}
