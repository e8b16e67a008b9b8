/** What an attack is, and the shapes that many of them have. */
import { send, type Target } from './target.ts';
import { frame, join, upgrade } from './web-socket.ts';

export interface Attack {
  /** A short name, for `--only`. */
  readonly name: string;
  /** What the attacker does. */
  readonly title: string;
  /** Attacks until `target.stopped`. */
  readonly run: (target: Target) => Promise<void>;
  /** Whether the attacked room holds 10,000 long messages. */
  readonly full?: boolean;
  /** Whether the relay's log output goes to a pipe that nobody reads. */
  readonly unreadLog?: boolean;
  /** Whether it is of any use at the edge: what is no message of WebSocket, and most of HTTP, is the platform's there. */
  readonly edge?: boolean;
  /** How long it must go on to show anything, if longer than the others (s). */
  readonly seconds?: number;
}

export interface FloodOptions {
  readonly connections?: number;
  /** Another endpoint than the attacked room's; no hello is said there. */
  readonly path?: string;
  /** Whether the attacker reads what it is sent. */
  readonly reads?: boolean;
}

/**
 * Sends frames as fast as the relay takes them, over some connections; where one is closed, over a new one. `make` is
 * called with 0, 1, 2, … for some frames, which are then sent again and again.
 */
export function flood(
  make: (index: number) => string | Buffer,
  { connections = 1, path, reads = true }: FloodOptions = {},
): Attack['run'] {
  return target => {
    const frames: Buffer[] = [];
    const { chunk: most } = target;
    for (let index = 0, bytes = 0; index === 0 || (bytes < most.bytes && index < most.frames); index++) {
      const made = make(index);
      const encoded = typeof made === 'string' ? frame(made) : made;
      bytes += encoded.length;
      frames.push(encoded);
    }
    const chunk = Buffer.concat(frames);
    return target.repeat(connections, async () => {
      const socket = path === undefined ? (await join(target)).socket : await upgrade(target, path);
      if (!reads) socket.pause();
      while (!target.stopped) {
        await send(socket, chunk);
        await target.pace();
      }
    });
  };
}

/** A text of about as many letters, different for each index. */
export function long(letters: number, index = 0): string {
  return `${index} ${'lorem ipsum '.repeat(Math.ceil(letters / 12))}`.slice(0, letters);
}
