/** The servers that are compared, and how each is started. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BENCH, compile } from './programs.ts';

export interface Peer {
  readonly name: string;
  readonly title: string;
  readonly wire: 'heartline' | 'tutorial' | 'socketio';
  /** Where it takes lines; the relay's ends where a room's name begins. */
  readonly path: string;
  /** Command and arguments; throws one line where it cannot be had. Every server listens on `PORT`. */
  readonly command: () => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export const RELAY = 'heartline';
const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Nothing but what would stop so few people from being so loud: the log is never off. */
const RELAY_ENV = { RATE: '0', MAX_PER_ADDRESS: '0', MAX_CONNECTIONS: '0' };

/** What `npm start` gives to Node, so that the relay is measured as it is started. */
function startArguments(): readonly string[] {
  const { scripts }: { scripts: { start: string } } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [, words = ''] = /exec node (.*)$/.exec(scripts.start) ?? [];
  return words.split(' ').map(word => (word.startsWith('dist/') ? join(ROOT, word) : word));
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
  {
    name: RELAY,
    title: 'Heartline',
    wire: 'heartline',
    path: '/rooms/bench-',
    command: () => [process.execPath, ...startArguments()],
    env: RELAY_ENV,
  },
  { ...loop, name: 'ws', title: 'the tutorial (ws)', command: node('ws.js') },
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
    // The program itself: the package's wrapper leaves it behind when it is ended.
    command: packaged('deno/deno', 'run', '--allow-net', '--allow-env', join(BENCH, 'peers/deno.js')),
  },
  { ...loop, name: 'uws', title: 'uWebSockets publish', command: node('uws.cjs') },
  { ...loop, name: 'bun', title: 'Bun publish', command: packaged('.bin/bun', join(BENCH, 'peers/bun.js')) },
  { ...loop, name: 'control', title: 'control in C', command: () => [compile('control')] },
];
