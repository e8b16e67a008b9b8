/**
 * `npm run soak`: sends 10,000 messages from 20 clients while connections are cut and stalled, frames are repeated, and
 * the relay is killed. Takes `-- --messages 500 --clients 6 --kills 2 --seed 1`. If anything goes wrong, it prints the
 * reason and exits with 1.
 */
import { reasonOf, wholeNumber } from '../bench/options.ts';
import { soak } from '../test/support/soak.ts';
import { buildAll } from './build.ts';
import { readOptions, wrongUse } from './options.ts';

const values = readOptions('npm run soak', {
  messages: { type: 'string', default: '10000' },
  clients: { type: 'string', default: '20' },
  kills: { type: 'string', default: '12' },
  seed: { type: 'string' },
});

function read() {
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
  if (!Number.isSafeInteger(seed)) throw new Error(`--seed takes a whole number, not ${values.seed}`);
  return {
    messages: wholeNumber('messages', values.messages),
    clients: wholeNumber('clients', values.clients),
    kills: values.kills === '0' ? 0 : wholeNumber('kills', values.kills),
    seed,
  };
}

let options: ReturnType<typeof read>;
try {
  options = read();
} catch (error) {
  wrongUse(error);
}

await buildAll();
process.stdout.write(
  `${options.messages} messages from ${options.clients} clients, ${options.kills} kills, seed ${options.seed}\n`,
);
try {
  const report = await soak({ ...options, progress: text => process.stdout.write(`${text}\n`) });
  const { cuts, stalls, repetitions, kills } = report;
  process.stdout.write(
    `every client has every message once and in order after ${report.seconds.toFixed(1)} s, ` +
      `${cuts} cuts, ${stalls} stalls, ${repetitions} repetitions and ${kills} kills\n`,
  );
} catch (error) {
  process.stdout.write(`FAILED (seed ${options.seed}): ${reasonOf(error)}\n`);
  process.exitCode = 1;
}
