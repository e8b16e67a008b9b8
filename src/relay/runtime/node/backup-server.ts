/**
 * Lets `npm run backup` copy the log's file while the relay uses it. It listens on a Unix socket beside the file
 * (`….sock`), to which only the relay's own user may connect. While a connection is open, the file itself is left
 * unchanged; the relay answers every line with `held`. All of the copying is done by the other process.
 */
import { existsSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { relative } from 'node:path';

/** The answer to a line as long as the file is unchanged. */
export const HELD = 'held\n';
/** Longer paths do not fit into a socket's address (`sockaddr_un`, 104 bytes on macOS, 108 on Linux). */
const MAX_ADDRESS = 103;
/** The most backups at once. */
const MAX_CONNECTIONS = 4;
/** How long a backup may copy. */
const MAX_HELD_MS = 60 * 60_000;
/** After a backup, the write-ahead log is moved into the file in one turn of the event loop. */
const MAX_LOG_BYTES = 64 * 1024 * 1024;

export interface BackupServerOptions {
  /** Leaves the file itself unchanged until the returned function is called. */
  readonly hold: () => () => void;
  readonly report: (error: unknown) => void;
  /** The most bytes of the write-ahead log meanwhile. */
  readonly maxLogBytes?: number;
}

export interface BackupServer {
  /** Ends backups that make the write-ahead log too long, and makes a lost socket anew. To be called once a second. */
  check(): void;
  close(): void;
}

/** The address of the socket of a database; `undefined` if its path is too long. */
export function socketOf(path: string): string | undefined {
  const address = `${path}.sock`;
  const near = relative(process.cwd(), address);
  return [address, near].find(candidate => Buffer.byteLength(candidate) <= MAX_ADDRESS);
}

/** Listens. The process must hold the lock of the database, so that no other relay listens there. */
export function serveBackups(
  path: string,
  { hold, report, maxLogBytes = MAX_LOG_BYTES }: BackupServerOptions,
): BackupServer {
  /** The function that releases the file, of each connection. */
  const open = new Map<Socket, () => void>();
  const end = (socket: Socket) => {
    socket.destroy();
    const release = open.get(socket);
    open.delete(socket);
    release?.();
  };
  let ended = false;
  const server = createServer(socket => {
    open.set(socket, hold());
    socket.setTimeout(MAX_HELD_MS, () => socket.destroy());
    socket.on('data', () => socket.write(HELD));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => end(socket));
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('error', report);
  server.unref();
  const address = socketOf(path);
  if (address === undefined) {
    report(new Error(`the path of ${path} is too long for a socket: no backup can be made while the relay runs`));
  } else {
    listen(server, address);
  }
  const destroyAll = () => {
    for (const socket of open.keys()) end(socket);
  };
  return {
    check() {
      // A program that tidies up has removed it.
      if (address !== undefined && server.listening && !existsSync(address) && open.size === 0) {
        server.close(() => !ended && listen(server, address));
      }
      if (open.size === 0) return;
      const size = statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
      if (size > maxLogBytes) destroyAll();
    },
    close() {
      ended = true;
      destroyAll();
      server.close();
    },
  };
}

function listen(server: Server, address: string): void {
  rmSync(address, { force: true });
  // The socket gets its permissions when it is made: only this user may connect.
  const mask = process.umask(0o077);
  server.listen(address);
  process.umask(mask);
}
