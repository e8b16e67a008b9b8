/** A database whose attacked room is full, made once for all attacks that need one. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RelayProcess } from '../test/support/relay-process.ts';
import { WireClient } from '../test/support/wire-client.ts';
import { long } from './attack.ts';

/** As many as a room keeps by default. */
const MESSAGES = 10_000;
const LETTERS = 4000;
/** Messages said before their end is waited for. */
const AT_ONCE = 250;

export class FullRoom {
  readonly #folder = mkdtempSync(join(tmpdir(), 'heartline-full-'));
  #made: Promise<string> | undefined;

  /** Puts a copy of the database at `path`. */
  async copyTo(path: string, room: string): Promise<void> {
    this.#made ??= this.#make(room);
    copyFileSync(await this.#made, path);
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #make(room: string): Promise<string> {
    const relay = new RelayProcess({ RATE: '0', MAX_PER_ADDRESS: '0' });
    try {
      await relay.start();
      const client = await WireClient.join(relay.host, room, 'talker');
      for (let said = 0; said < MESSAGES; said += AT_ONCE) {
        for (let index = said; index < said + AT_ONCE; index++) client.say(`old-${index}`, long(LETTERS, index));
        await client.pong();
        await client.until(
          'normal',
          ({ id }) => id === `old-${said + AT_ONCE - 1}`,
          Math.max(0, client.frames.length - AT_ONCE),
        );
      }
      await client.close();
      await relay.stop();
      const path = join(this.#folder, 'full.db');
      copyFileSync(relay.data, path);
      return path;
    } finally {
      await relay.dispose();
    }
  }
}
