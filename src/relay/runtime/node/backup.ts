/**
 * `npm run backup -- FILE`: writes a whole copy of the log of `DATA` to a new file, whether a relay uses it or not. It
 * prints one line, and exits with 0, with 1 if there is no copy, or with 2 if it was called wrongly.
 */
import { setPriority } from 'node:os';
import { resolve } from 'node:path';
import { ConfigError, readConfig } from '../../config.ts';
import { BackupError, backUp } from './backup-copy.ts';
import { readManifest, whyTooOld } from './manifest.ts';

const USAGE = 'Usage: npm run backup -- FILE (and DATA as for the relay)';
/** As `nice` does: the relay goes first. */
const LOW_PRIORITY = 10;

async function main(): Promise<void> {
  const [file, ...rest] = process.argv.slice(2);
  if (file === '--help') {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  if (file === undefined || file.startsWith('-') || rest.length > 0)
    return fail(`a backup takes the name of one new file; ${USAGE}`, 2);
  const old = whyTooOld(process.version, readManifest());
  if (old !== undefined) return fail(old, 1);
  const config = readConfig(process.env);
  if (config instanceof ConfigError) return fail(config.message, 2);
  try {
    setPriority(LOW_PRIORITY);
  } catch {
    // Not every system allows it.
  }
  // npm runs scripts in the project's folder and tells where it was called.
  const size = await backUp(config.data, resolve(process.env.INIT_CWD ?? '', file));
  if (size instanceof BackupError) return fail(size.message, 1);
  process.stdout.write(`heartline: ${file} is a backup of ${config.data} (${size} bytes)\n`);
}

function fail(message: string, code: number): void {
  process.stderr.write(`heartline: ${message}\n`);
  process.exitCode = code;
}

await main();
