/** Random appends, edits, erasures, trims and reopenings of a log, compared with a simple model of it. */
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { keyOf } from '../../../src/relay/log/entry.ts';
import { SqliteLog } from '../../../src/relay/log/sqlite-log.ts';
import { CountingDatabase } from '../../support/counting-database.ts';
import { TestEdit, TestErasure, TestMessage } from '../../support/entries.ts';
import { memoryDatabase } from '../../support/memory-database.ts';
import { OPTIONS, OpenedRoom, seqs } from '../../support/opened-room.ts';

const HISTORY = 24;
const MAX_EDITS = 10;
/** The same cases in every run. */
const SEED = 20_261_126;

const model = suite('log model');

/** One place of the model. */
interface Place {
  type: 'normal' | 'edited' | 'erased' | 'gone';
  message: string | undefined;
  readonly key: string;
  /** The edits of a message, oldest first. */
  readonly edits: number[];
}

class Model {
  /** From `oldest` on. */
  readonly places = new Map<number, Place>();
  head = 0;

  add(type: Place['type'], key: string, message: string | undefined): number {
    this.head += 1;
    this.places.set(this.head, { type, message, key, edits: [] });
    return this.head;
  }

  edit(of: number, key: string, message: string): 'gone' | 'too-many' | undefined {
    const place = this.places.get(of);
    if (place?.type !== 'normal') return 'gone';
    if (place.edits.length === MAX_EDITS) return 'too-many';
    this.#blank(place.edits.at(-1));
    place.edits.push(this.add('edited', key, message));
    place.message = message;
    return undefined;
  }

  erase(of: number, key: string): 'gone' | undefined {
    const place = this.places.get(of);
    if (place?.type !== 'normal') return 'gone';
    this.#blank(of);
    this.#blank(place.edits.at(-1));
    this.add('erased', key, undefined);
    return undefined;
  }

  /** The log has dropped everything before `oldest`. */
  trim(oldest: number): void {
    for (const [seq, { edits }] of this.places) {
      if (seq >= oldest) continue;
      this.places.delete(seq);
      this.#blank(edits.at(-1));
    }
  }

  outline(): string[] {
    return [...this.places].map(([seq, { type, message }]) => `${seq} ${type} ${message}`);
  }

  #blank(seq: number | undefined): void {
    const place = this.places.get(seq ?? 0);
    if (!place) return;
    place.type = 'gone';
    place.message = undefined;
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('say' as const), count: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('edit' as const), of: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('erase' as const), of: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('fail' as const) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('open' as const) }) },
);

function held(room: OpenedRoom): string[] {
  return room.held().map(({ seq, type, message }) => `${seq} ${type} ${message}`);
}

model('a log holds what its model holds, whatever is appended, changed, trimmed and opened again', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 120 }), steps => {
      const database = new CountingDatabase(memoryDatabase());
      const options = { ...OPTIONS, history: HISTORY, report: () => {} };
      let room = new OpenedRoom(new SqliteLog(database, options), 'lobby');
      const expected = new Model();
      for (const [index, step] of steps.entries()) {
        const [id, key] = [`id-${index}`, keyOf('f', `id-${index}`)];
        if (step.what === 'say') {
          for (let copy = 0; copy < step.count; copy++) {
            room.room.append(new TestMessage({ id: `${id}-${copy}`, message: `m ${index}` }));
            expected.add('normal', keyOf('f', `${id}-${copy}`), `m ${index}`);
          }
          room.log.commit();
        } else if (step.what === 'edit') {
          const of = room.room.oldest + (step.of % (expected.head + 1));
          assert.is(room.edit(of, `e ${index}`, { id }).rejected, expected.edit(of, key, `e ${index}`));
        } else if (step.what === 'erase') {
          const of = room.room.oldest + (step.of % (expected.head + 1));
          assert.is(room.erase(of, { id }).rejected, expected.erase(of, key));
        } else if (step.what === 'fail') {
          database.failAt = 'COMMIT';
          room.say(1);
          room.room.append(new TestEdit(room.room.oldest, 'lost'));
          room.room.append(new TestErasure(room.room.oldest));
          room.log.commit();
        } else {
          room = new OpenedRoom(new SqliteLog(database, options), 'lobby');
        }
        expected.trim(room.room.oldest);
        assert.is(room.room.head, expected.head);
        assert.equal(held(room), expected.outline(), `after step ${index}`);
      }
      const messages = [...expected.places].filter(([, { type }]) => type === 'normal').map(([seq]) => seq);
      assert.ok(messages.length <= HISTORY + HISTORY / 8 + 5, `${messages.length} messages`);
      for (const before of [expected.head + 1, room.room.oldest + 7]) {
        const found = room.room.messagesBefore(before, 5);
        assert.equal(seqs(found), messages.filter(seq => seq < before).slice(-5));
        const keys = room.room.keysBefore(before, 9).map(({ key }) => key);
        const known = [...expected.places].filter(([seq]) => seq < before).map(([, { key }]) => key);
        assert.equal(keys, known.slice(-9).reverse());
      }
    }),
    { numRuns: 40, seed: SEED },
  );
});

model.run();
