/**
 * At random, a log is written to, stopped, killed, copied and put back in every way of restoring. No `seq` stands for two
 * messages under one epoch, nothing is lost without another epoch, and no erased text comes back.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type LogFile, LogFileError, openLogFile } from '../../src/relay/runtime/node/log-file.ts';
import { within } from '../support/deadline.ts';
import { OpenedRoom } from '../support/opened-room.ts';

const RUNS = 60;
const TEST_MS = 200_000;
const ENDS = ['', '-wal', '.stamp'];

/** `says`: how many messages; `erases`: which of the newest; `copy` keeps a copy, `restore` puts one back. */
type Step =
  | { readonly do: 'say' | 'erase'; readonly count: number }
  | { readonly do: 'copy' | 'stop' | 'kill' }
  | { readonly do: 'restore'; readonly which: number; readonly anew: boolean; readonly stamp: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('say' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('erase' as const), count: fc.integer({ min: 0, max: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('copy' as const, 'stop' as const, 'kill' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('restore' as const),
      which: fc.nat({ max: 5 }),
      anew: fc.boolean(),
      stamp: fc.boolean(),
    }),
  },
);

class Stage {
  readonly #path: string;
  readonly #copies: string[] = [];
  /** Every text by epoch and seq, and those that were erased. */
  readonly #texts = new Map<string, string>();
  readonly #erased = new Set<string>();
  /** What the log holds. */
  #held = new Map<number, string>();
  #file: LogFile;
  #room: OpenedRoom;
  #epoch = '';
  #said = 0;

  constructor(folder: string) {
    this.#path = join(folder, 'heartline.db');
    [this.#file, this.#room] = this.#open();
    this.#epoch = this.#room.room.epoch;
  }

  run(next: Step): void {
    if (next.do === 'say') for (let count = 0; count < next.count; count++) this.#say();
    else if (next.do === 'erase') this.#erase(next.count);
    else if (next.do === 'copy') this.#copy();
    else if (next.do === 'restore') this.#restore(next);
    else {
      this.#end(next.do);
      this.#begin(true);
    }
  }

  end(): void {
    this.#file.close();
  }

  #say(): void {
    this.#said += 1;
    const text = `text ${this.#said}.`;
    const seq = this.#room.post(text, { id: `m${this.#said}`, at: Date.now() });
    const place = `${this.#epoch} ${seq}`;
    assert.not(this.#texts.has(place), `${place} is "${this.#texts.get(place)}" and "${text}"`);
    this.#texts.set(place, text);
    this.#held.set(seq, text);
  }

  #erase(back: number): void {
    const seq = [...this.#held.keys()].at(-1 - back);
    if (seq === undefined) return;
    this.#room.erase(seq, { id: `e${seq}-${this.#said}`, at: Date.now() });
    this.#erased.add(this.#held.get(seq) ?? '');
    this.#held.delete(seq);
  }

  /** Copies the files as they are, while the log is open. */
  #copy(): void {
    const copy = `${this.#path}.copy${this.#copies.length}`;
    for (const end of ENDS) {
      if (existsSync(`${this.#path}${end}`)) copyFileSync(`${this.#path}${end}`, `${copy}${end}`);
    }
    this.#copies.push(copy);
  }

  #end(how: 'stop' | 'kill'): void {
    if (how === 'stop') return this.#file.close();
    this.#copy();
    const killed = this.#copies.pop() ?? '';
    this.#file.close();
    for (const end of ENDS) writeFileSync(`${this.#path}${end}`, readFileSync(`${killed}${end}`));
  }

  /** Puts a copy back: in place or as a new file, with the log's stamp or without one. */
  #restore({ which, anew, stamp }: Extract<Step, { do: 'restore' }>): void {
    const copy = this.#copies[which % Math.max(1, this.#copies.length)];
    if (copy === undefined) return;
    this.#end(which % 2 === 0 ? 'stop' : 'kill');
    for (const end of ['', '-wal']) {
      if (anew) rmSync(`${this.#path}${end}`, { force: true });
      writeFileSync(`${this.#path}${end}`, existsSync(`${copy}${end}`) ? readFileSync(`${copy}${end}`) : '');
    }
    if (!stamp) rmSync(`${this.#path}.stamp`);
    this.#begin(false);
  }

  /** Opens the log, of which nothing may be missing if the epoch is the same. */
  #begin(isWhole: boolean): void {
    [this.#file, this.#room] = this.#open();
    const { epoch } = this.#room.room;
    const held = new Map<number, string>();
    for (const entry of this.#room.held()) {
      if (entry.type === 'normal') held.set(Number(entry.seq), String(entry.message));
    }
    for (const text of held.values()) assert.not(this.#erased.has(text), `"${text}" is back`);
    if (isWhole) assert.is(epoch, this.#epoch);
    if (epoch === this.#epoch) assert.equal(held, this.#held);
    this.#epoch = epoch;
    this.#held = held;
    for (const [seq, text] of held) this.#texts.set(`${epoch} ${seq}`, text);
  }

  #open(): [LogFile, OpenedRoom] {
    const file = openLogFile({ data: this.#path, durability: 'normal', history: 1000 }, error => {
      throw error;
    });
    if (file instanceof LogFileError) throw new Error(file.message);
    return [file, new OpenedRoom(file.log)];
  }
}

const restore = suite('restore');

restore(
  'repeats no seq, loses nothing unnoticed and brings no erased text back, however copies are put back',
  within(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'heartline-restore-'));
    let runs = 0;
    try {
      fc.assert(
        fc.property(fc.array(step, { minLength: 6, maxLength: 25 }), steps => {
          runs += 1;
          const place = join(folder, `${runs}`);
          mkdirSync(place);
          const stage = new Stage(place);
          for (const next of steps) stage.run(next);
          stage.end();
          rmSync(place, { recursive: true });
        }),
        { numRuns: RUNS, endOnFailure: false },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, TEST_MS),
);

restore.run();
