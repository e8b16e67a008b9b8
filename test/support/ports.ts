/** Finds a free port for a program that must be given one, and tells whether a program listens on it yet. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A port that nobody uses now. Throws if there is none. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no port is free');
  return address.port;
}

/** Whether a program of this machine accepts connections on a port. */
export function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => {});
    socket.once('close', failed => resolve(!failed));
  });
}
