/** Copies the file of a log that a running relay uses. The relay leaves it unchanged meanwhile (backup-server.ts). */
import { closeSync, copyFileSync, existsSync, openSync, readSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { socketOf } from './backup-server.ts';

/** How long the relay may take to answer. */
const ANSWER_MS = 10_000;
/** The header of a write-ahead log. If it has changed, the log was begun anew. */
const HEADER_BYTES = 32;

/**
 * Copies the database `source` and its write-ahead log to `copy` and `copy-wal`. Returns false if no relay allows it, or
 * not long enough.
 */
export async function copyHeld(source: string, copy: string): Promise<boolean> {
  const relay = await connectTo(source);
  if (!relay) return false;
  try {
    if (!(await answers(relay))) return false;
    copyFileSync(source, copy);
    // The relay may begin a log anew once, if everything in it was in the file already.
    let header: string;
    do {
      header = headerOf(`${source}-wal`);
      rmSync(`${copy}-wal`, { force: true });
      if (header !== '') copyFileSync(`${source}-wal`, `${copy}-wal`);
    } while (headerOf(`${source}-wal`) !== header);
    return await answers(relay);
  } finally {
    relay.destroy();
  }
}

/** Connects to the relay that uses a database; `undefined` if there is none. */
function connectTo(path: string): Promise<Socket | undefined> {
  const address = socketOf(path);
  if (address === undefined) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const socket = connect(address, () => resolve(socket));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EACCES')
        reject(new Error("a relay of another user is running: run this as the relay's user"));
      else resolve(undefined);
    });
  });
}

/** Whether the relay says that the file is unchanged. */
function answers(relay: Socket): Promise<boolean> {
  return new Promise(resolve => {
    const end = (result: boolean) => {
      relay.removeAllListeners('data').removeAllListeners('close').setTimeout(0);
      resolve(result);
    };
    relay.once('data', () => end(true)).once('close', () => end(false));
    relay.setTimeout(ANSWER_MS, () => relay.destroy());
    if (relay.destroyed) end(false);
    else relay.write('held?\n');
  });
}

/** The header of a write-ahead log in hexadecimal form; empty if there is none yet. */
function headerOf(path: string): string {
  if (!existsSync(path)) return '';
  const descriptor = openSync(path, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    return header.toString('hex', 0, readSync(descriptor, header, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(descriptor);
  }
}
