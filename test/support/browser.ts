/**
 * A real Chromium for the tests: the one named by `CHROME`, else the one from the registry, else an installed one. If
 * none starts, the error says in one line what is missing and how to get it.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type LaunchOptions,
  type Page,
} from 'playwright-core';

const INSTALLED = [
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const LAUNCH_MS = 30_000;

/** Starts a browser. Rejects with a message of one line if it cannot. */
export function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  return launch(options, program => chromium.launch(program));
}

/** Starts a browser whose storage is in `folder` and stays there. */
export function launchProfile(folder: string, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  return launch({}, program => chromium.launchPersistentContext(folder, { ...options, ...program }));
}

async function launch<Started>(
  options: LaunchOptions,
  start: (options: LaunchOptions) => Promise<Started>,
): Promise<Started> {
  const { CHROME } = process.env;
  const reasons: string[] = [];
  for (const find of CHROME ? [() => CHROME] : [unpacked, installed]) {
    try {
      const executablePath = await find();
      if (executablePath === undefined) continue;
      return await start({ timeout: LAUNCH_MS, ...options, executablePath, args: arguments_(options) });
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  }
  throw new Error(`no browser to test with: ${reasons.join('; ') || 'none is installed'}. ${advice(reasons)}`);
}

/** Collects a page's uncaught errors and violations of its content security policy. */
export function listenForTrouble(page: Page): string[] {
  const trouble: string[] = [];
  page.on('pageerror', error => trouble.push(String(error)));
  page.on('console', message => {
    if (/Content Security Policy|TrustedHTML|Trusted Type/i.test(message.text())) trouble.push(message.text());
  });
  return trouble;
}

function arguments_({ args = [] }: LaunchOptions): string[] {
  return ['--no-sandbox', ...args];
}

/** The registry's Chromium, unpacked once per version into a folder that is created atomically. */
async function unpacked(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const { default: packed } = await import('@sparticuz/chromium');
  const folder = join(tmpdir(), `heartline-chromium-${versionOf('@sparticuz/chromium')}`);
  const program = join(folder, 'chromium');
  if (existsSync(program)) return program;
  mkdirSync(dirname(folder), { recursive: true });
  const fresh = mkdtempSync(`${folder}-`);
  const { TMPDIR } = process.env;
  // The package unpacks into the system's folder for temporary files, which TMPDIR sets.
  process.env.TMPDIR = fresh;
  try {
    await packed.executablePath();
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
  try {
    renameSync(fresh, folder);
  } catch {
    // Another test has created it first.
    rmSync(fresh, { recursive: true, force: true });
  }
  return program;
}

function installed(): string | undefined {
  return INSTALLED.find(existsSync);
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  const main = require.resolve(name);
  const root = main.slice(0, main.indexOf(name) + name.length);
  const { version }: { version?: unknown } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return String(version);
}

function reasonOf(error: unknown): string {
  const text = String(error);
  const library = /([\w.+-]+\.so[\w.]*): cannot open shared object/.exec(text)?.[1];
  if (library !== undefined) return `Chromium lacks ${library}`;
  return text.split('\n')[0] ?? '';
}

function advice(reasons: readonly string[]): string {
  const lacks = reasons.some(reason => reason.startsWith('Chromium lacks'));
  if (lacks) return 'On Debian: apt-get install -y --no-install-recommends libnss3';
  return 'Set CHROME to an installed Chrome or Chromium.';
}
