/** The compared servers, and how to start each of them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH, compile, ROOT } from './programs.ts';
import type { Work } from './works.ts';

export interface Peer {
  readonly name: string;
  readonly title: string;
  readonly wire: 'heartline' | 'tutorial' | 'socketio';
  /** Path of its WebSocket endpoint; for the relay, the part before a room's name. */
  readonly path: string;
  /** Command and arguments; throws an error of one line if it is not available. Every server listens on `PORT`. */
  readonly command: () => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it is measured only in works that name it. */
  readonly special?: boolean;
}

export const RELAY = 'heartline';
/** Lifts only the limits that would stop so few clients from sending so much; the log is never off. */
const RELAY_ENV = { RATE: '0', MAX_PER_ADDRESS: '0', MAX_CONNECTIONS: '0' };

/**
 * Node's arguments in the last command of the `start` script of the project in `root`, so that the relay is measured as
 * `npm start` runs it. Throws an error of one line if that command does not run Node.
 */
function startArguments(root: string): readonly string[] {
  const { scripts }: { scripts?: { start?: string } } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const [, words] = /(?:^|&&)\s*(?:exec\s+)?node\s+([^&|;]+)$/.exec(scripts?.start ?? '') ?? [];
  if (words === undefined) throw new Error(`the start script in ${root}/package.json does not end in node …`);
  return words.split(/\s+/).map(word => (existsSync(join(root, word)) ? join(root, word) : word));
}

/** The relay built in the folder `root`, under the given name. */
export function relayIn(root: string, name: string, title: string): Peer {
  return {
    name,
    title,
    wire: 'heartline',
    path: '/rooms/bench-',
    command: () => [process.execPath, ...startArguments(root)],
    env: RELAY_ENV,
  };
}

/** A server as a work runs it; only the relay takes variables. */
export function inWork(peer: Peer, { env }: Pick<Work, 'env'>): Peer {
  return env === undefined || peer.wire !== 'heartline' ? peer : { ...peer, env: { ...peer.env, ...env } };
}

const node = (file: string) => () => [process.execPath, join(BENCH, 'peers', file)];
const packaged = (program: string, ...args: string[]) => {
  return () => {
    const path = join(BENCH, 'node_modules', program);
    if (!existsSync(path)) throw new Error('is not installed');
    return [path, ...args];
  };
};
const loop = { wire: 'tutorial', path: '/' } as const;

export const PEERS: readonly Peer[] = [
  relayIn(ROOT, RELAY, 'Heartline'),
  { ...loop, name: 'ws', title: 'the tutorial (ws)', command: node('ws.js') },
  {
    ...loop,
    name: 'ws-rooms',
    title: 'the tutorial (ws), with rooms',
    path: '/bench-',
    command: node('ws-rooms.js'),
    special: true,
  },
  {
    name: 'socketio',
    title: 'Socket.IO',
    wire: 'socketio',
    path: '/socket.io/?EIO=4&transport=websocket',
    command: node('socketio.js'),
  },
  { ...loop, name: 'hono', title: 'Hono + node-ws', command: node('hono.js') },
  {
    ...loop,
    name: 'deno',
    title: 'Deno',
    // The program itself: the package's wrapper leaves it running when it is ended.
    command: packaged('deno/deno', 'run', '--allow-net', '--allow-env', join(BENCH, 'peers/deno.js')),
  },
  { ...loop, name: 'uws', title: 'uWebSockets publish', command: node('uws.cjs') },
  { ...loop, name: 'bun', title: 'Bun publish', command: packaged('.bin/bun', join(BENCH, 'peers/bun.js')) },
  { ...loop, name: 'control', title: 'control in C', command: () => [compile('control')] },
];
