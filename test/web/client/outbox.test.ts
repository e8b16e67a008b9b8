import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createOutbox, type Outbox } from '../../../src/web/client/outbox.ts';
import { FakeStorage } from '../../support/pair.ts';

const outbox = suite('outbox');
const texts = (box: Outbox) => box.items.map(({ message }) => message);

outbox('keeps messages across a reload, in order, with the name they were written under', () => {
  const storage = new FakeStorage();
  const box = createOutbox(storage, 'o');
  box.add('one', 'xs', 1);
  box.add('two', '新角色', 2);
  const again = createOutbox(storage, 'o');
  assert.equal(again.items, box.items);
  assert.equal(
    again.items.map(({ user, state }) => [user, state]),
    [
      ['xs', 'pending'],
      ['新角色', 'pending'],
    ],
  );
  assert.equal(createOutbox(storage, 'another').items, []);
});

outbox('gives every message a unique, valid id', () => {
  const box = createOutbox(undefined, 'o');
  for (let i = 0; i < 200; i++) box.add('x', 'xs', 0);
  assert.is(new Set(box.items.map(({ id }) => id)).size, 200);
  for (const { id } of box.items) assert.match(id, /^[\w-]{1,64}$/);
});

outbox('holds at most 200 messages and 64 kB', () => {
  const many = createOutbox(undefined, 'o');
  for (let i = 0; i < 200; i++) assert.ok(many.add('x', 'xs', 0));
  assert.is(many.add('x', 'xs', 0), undefined);
  const long = createOutbox(undefined, 'o');
  let taken = 0;
  while (long.add('x'.repeat(4096), 'xs', 0)) taken += 1;
  assert.is(taken, 15);
  assert.is(long.items.length, 15);
});

outbox('stores under which public id a message was sent', () => {
  const storage = new FakeStorage();
  const box = createOutbox(storage, 'o');
  const [one] = ['one', 'two'].map(text => box.add(text, 'xs', 0));
  box.mark(one?.id, { sentAs: 'me' });
  assert.equal(
    createOutbox(storage, 'o').items.map(({ sentAs }) => sentAs),
    ['me', undefined],
  );
});

outbox('reads again what someone else has stored', () => {
  const storage = new FakeStorage();
  const box = createOutbox(storage, 'o');
  box.add('one', 'xs', 0);
  createOutbox(storage, 'o').add('two', 'xs', 0);
  assert.equal(texts(box), ['one']);
  box.load();
  assert.equal(texts(box), ['one', 'two']);
  storage.removeItem('o');
  box.load();
  assert.equal(texts(box), ['one', 'two'], 'it loses nothing');
});

outbox('keeps the position of a message to be retried', () => {
  const box = createOutbox(undefined, 'o');
  const [one] = ['one', 'two', 'three'].map(text => box.add(text, 'xs', 0));
  assert.ok(one);
  assert.equal(box.mark(one.id, { state: 'failed', code: 'too-long' }), { ...one, state: 'failed', code: 'too-long' });
  assert.is(box.items[0]?.code, 'too-long');
  box.mark(one.id, { state: 'pending', code: undefined });
  assert.equal(box.items[0], { ...one, code: undefined });
  assert.equal(texts(box), ['one', 'two', 'three']);
  assert.is(box.mark('another', { state: 'failed' }), undefined);
});

outbox('works with a storage that throws, is full, or contains something else', () => {
  const fail = () => {
    throw new Error('QuotaExceededError');
  };
  const broken = createOutbox({ getItem: fail, setItem: fail, removeItem: fail }, 'o');
  const item = broken.add('x', 'xs', 0);
  assert.ok(item);
  assert.ok(broken.remove(item.id));
  for (const junk of ['', '{', 'null', '7', '{"a":1}', '[1,null,"x",{"id":1}]', '[{"id":"a","message":"m"}]']) {
    const storage = new FakeStorage();
    storage.setItem('o', junk);
    assert.equal(createOutbox(storage, 'o').items, [], junk);
  }
});

outbox('drops stored items that no page could show or no relay could take, and keeps the others', () => {
  const item = { id: 'i', message: 'm', user: 'xs', at: 1, state: 'pending' };
  for (const change of [{ id: 'a"b' }, { id: '' }, { at: 1e300 }, { at: 8.64e15 + 1 }]) {
    const storage = new FakeStorage();
    storage.setItem('o', JSON.stringify([item, { ...item, id: 'j', ...change }, { ...item, id: 'k' }]));
    assert.equal(
      createOutbox(storage, 'o').items.map(({ id }) => id),
      ['i', 'k'],
      JSON.stringify(change),
    );
  }
  const storage = new FakeStorage();
  createOutbox(storage, 'o').add('m', 'xs', 1.5);
  assert.is(createOutbox(storage, 'o').items.length, 1, 'a clock may count parts of a millisecond');
  // JSON can hold a number that is read as infinite.
  storage.setItem('o', JSON.stringify([item]).replace('"at":1', '"at":1e999'));
  assert.equal(createOutbox(storage, 'o').items, []);
});

outbox('leaves nothing in the storage once everything is sent', () => {
  const storage = new FakeStorage();
  const box = createOutbox(storage, 'o');
  const item = box.add('x', 'xs', 0);
  assert.is(storage.kept.size, 1);
  assert.ok(box.remove(item?.id ?? ''));
  assert.not(box.remove(item?.id ?? ''));
  assert.is(storage.kept.size, 0);
});

outbox.run();
