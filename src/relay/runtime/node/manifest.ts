/** What package.json says of the program: its version, and the oldest version of Node that it runs on. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Manifest {
  readonly version?: unknown;
  readonly engines?: { readonly node?: unknown };
}

/** Reads the package.json above the built program. */
export function readManifest(): Manifest {
  return JSON.parse(readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8'));
}

/** Says in one line that Node is older than `engines` allows (`>=20.20`); `undefined` if it is not. */
export function whyTooOld(running: string, { engines }: Manifest): string | undefined {
  const [, major, minor] = /^>=(\d+)\.(\d+)$/.exec(String(engines?.node)) ?? [];
  const [, ownMajor, ownMinor] = /^v?(\d+)\.(\d+)\./.exec(running) ?? [];
  const older = Number(ownMajor) - Number(major) || Number(ownMinor) - Number(minor);
  return older < 0 ? `Node ${running.replace(/^v/, '')} is too old: ${major}.${minor} or later is needed` : undefined;
}
