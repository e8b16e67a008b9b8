/**
 * Where the relay's own log goes: a file descriptor that is written to without ever blocking the event loop, whatever
 * it is. Node itself waits for a terminal, and a logger that writes synchronously waits for a pipe too.
 */
import { fstatSync, write } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { isatty, WriteStream } from 'node:tty';
import type { LineOutput } from './line-queue.ts';

/** Opens a descriptor, such as 1 for standard output. */
export function openOutput(descriptor: number): LineOutput {
  if (isatty(descriptor)) return streamOutput(terminal(descriptor));
  const stat = fstatSync(descriptor);
  if (!stat.isFIFO() && !stat.isSocket()) return fileOutput(descriptor);
  return streamOutput(new Socket({ fd: descriptor, readable: false, writable: true }));
}

/** Node makes a terminal's handle wait for each write. The handle is not a public API, so it may be missing. */
function terminal(descriptor: number): Writable {
  const stream = new WriteStream(descriptor);
  const handle: unknown = Reflect.get(stream, '_handle');
  if (typeof handle === 'object' && handle !== null) {
    const setBlocking: unknown = Reflect.get(handle, 'setBlocking');
    if (typeof setBlocking === 'function') setBlocking.call(handle, false);
  }
  return stream;
}

function streamOutput(stream: Writable): LineOutput {
  // The error is passed to the callback of the write too. If the reader has exited, all later writes fail.
  stream.on('error', () => {});
  return { write: (lines, written) => void stream.write(lines, error => written(error ?? undefined)) };
}

/** A file is written to in a thread, because its disk may be slow. */
export function fileOutput(descriptor: number, writeSome: WriteSome = write): LineOutput {
  /** Whether the last line was cut off by an error. */
  let torn = false;
  return {
    write(lines, written) {
      let rest = Buffer.from(torn ? `\n${lines}` : lines);
      const next = () =>
        writeSome(descriptor, rest, (error, count) => {
          if (!error && count === rest.length) {
            torn = false;
            return written();
          }
          if (count > 0) torn = true;
          if (error) return written(error);
          rest = rest.subarray(count);
          next();
        });
      next();
    },
  };
}

/** Writes some of a buffer, as `write` of `node:fs` does. */
type WriteSome = (descriptor: number, buffer: Buffer, done: (error: Error | null, written: number) => void) => void;
