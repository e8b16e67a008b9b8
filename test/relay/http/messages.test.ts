import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ADDRESS, codeOf, makeApp } from '../../support/app.ts';

const messages = suite('http/messages');

messages('returns the messages of a room', async () => {
  const { app, seen } = makeApp();
  const response = await app.request('/rooms/a/messages?after=3&limit=200');
  assert.equal(await response.json(), { room: 'a', epoch: 'E', head: 2, messages: [{ seq: 1 }, { seq: 2 }] });
  assert.match(response.headers.get('Content-Type') ?? '', /^application\/json/);
  assert.is(response.headers.get('Cache-Control'), 'no-store');
  await app.request('/rooms/a/messages?before=9');
  await app.request('/rooms/a/messages');
  assert.equal(seen.history, [
    ['a', { after: 3 }, 200, ADDRESS],
    ['a', { before: 9 }, 50, ADDRESS],
    ['a', undefined, 50, ADDRESS],
  ]);
});

messages('answers an invalid query with a clear error', async () => {
  const { app, seen } = makeApp();
  const bad = ['after=x', 'after=-1', 'after=1&before=2', 'limit=0', 'limit=201', 'limit=x', 'after=', 'before=1.5'];
  for (const query of bad) {
    const response = await app.request(`/rooms/a/messages?${query}`);
    assert.is(response.status, 400, query);
    assert.is(await codeOf(response), 'bad-frame');
  }
  assert.equal(seen.history, []);
});

messages.run();
