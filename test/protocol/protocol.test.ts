import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type ClientFrame, encode, PING, type RelayFrame } from '../../src/protocol/frames.ts';
import { parseClientFrame, parseTutorialFrame } from '../../src/protocol/from-client.ts';
import { parseRelayFrame } from '../../src/protocol/from-relay.ts';
import { MAX_MESSAGE_LENGTH, MAX_USER_LENGTH } from '../../src/protocol/limits.ts';
import { acceptUser, cleanUser, isRoomName } from '../../src/protocol/names.ts';
import { isVisible, trimPiledMarks } from '../../src/protocol/visible.ts';

const refused = (code: string, of: string, id?: string) => ({
  type: 'refused',
  code,
  of,
  ...(id !== undefined && { id }),
});
const read = (frame: unknown) => parseClientFrame(JSON.stringify(frame));
const make = () => 'made';
const readTutorial = (frame: unknown) => parseTutorialFrame(JSON.stringify(frame), make);

const KEY = 'a-key-of-sixteen';

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).map(acceptUser);
const user = name.filter(text => text !== undefined);
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const count = fc.maxSafeNat();
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }).map(trimPiledMarks).filter(isVisible);
const person = fc.record({ from: id, user });
const optional = <T>(field: string, value: fc.Arbitrary<T>) =>
  fc.oneof(
    fc.constant({}),
    value.map(given => ({ [field]: given })),
  );
const joined = (...parts: fc.Arbitrary<object>[]) => fc.tuple(...parts).map(all => Object.assign({}, ...all));

/** Frames that a client of version 1 may send. */
const clientFrame: fc.Arbitrary<ClientFrame> = fc.oneof(
  joined(
    fc.record({ type: fc.constant('hello'), user }),
    optional('key', fc.stringMatching(/^[\w-]{16,128}$/)),
    fc.oneof(fc.constant({}), fc.record({ epoch: fc.string({ maxLength: 64 }), since: count })),
    optional('token', fc.string()),
  ),
  joined(
    fc.record({ type: fc.constant('normal'), id, message: text.map(value => trimPiledMarks(value.toWellFormed())) }),
    optional('user', user),
    fc.oneof(fc.constant({}), fc.constant({ again: true })),
  ),
  fc.record({ type: fc.constant('more' as const), after: count }),
  fc.record({ type: fc.constant('rename' as const), user }),
  fc.constant({ type: 'typing' as const }),
  fc.constant({ type: 'ping' as const }),
);

/** Frames that a relay may send. */
const relayFrame: fc.Arbitrary<RelayFrame> = fc.oneof(
  fc.record({
    type: fc.constant('welcome' as const),
    v: fc.constant(1),
    room: fc.string(),
    you: id,
    epoch: fc.string(),
    limits: fc.record({ message: count, frame: count, rate: count, burst: count, page: count, spread: count }),
    people: fc.record({ count, list: fc.array(person) }),
  }),
  fc.record({
    type: fc.constant('page' as const),
    replay: count,
    head: count,
    missed: fc.oneof(count, fc.constant(null)),
    more: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('normal' as const),
    seq: count.filter(seq => seq > 0),
    id,
    from: id,
    user,
    message: text,
    at: fc.integer({ min: 0, max: 8.64e15 }),
  }),
  joined(
    fc.record({ type: fc.constant('refused'), code: fc.constant('too-fast'), of: fc.string() }),
    optional('id', id),
    optional('retryMs', count),
  ),
  joined(
    fc.record({ type: fc.constant('people'), count }),
    optional('joined', fc.array(person)),
    optional('left', fc.array(person)),
    optional('list', fc.array(person)),
  ),
  fc.record({ type: fc.constant('typing' as const), from: id, user }),
  fc.constant({ type: 'ping' as const }),
);

/** A valid frame with a field changed or added, or its text truncated or overwritten. */
const mutated = fc
  .tuple(fc.oneof(clientFrame, relayFrame), fc.string(), fc.jsonValue(), fc.nat(), fc.nat(3))
  .map(([frame, field, value, at, how]) => {
    const fields: Record<string, unknown> = { ...frame };
    const names = Object.keys(fields);
    const chosen = names[at % names.length] ?? field;
    const encoded = JSON.stringify(frame);
    const place = at % encoded.length;
    if (how === 0) return JSON.stringify({ ...fields, [chosen]: value });
    if (how === 1) return JSON.stringify({ ...fields, [field]: value });
    if (how === 2) return encoded.slice(0, place);
    return encoded.slice(0, place) + field + encoded.slice(place + 1);
  });

const anything = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.json(), mutated);

const frames = suite('protocol: any input');

frames('the parsers never throw, and return a frame, a refusal or nothing', () => {
  fc.assert(
    fc.property(anything, input => {
      for (const frame of [parseClientFrame(input), parseTutorialFrame(input, make), parseRelayFrame(input)]) {
        if (frame !== undefined) assert.type(frame.type, 'string');
      }
      const taken = parseClientFrame(input);
      if (taken?.type !== 'normal') return;
      assert.match(taken.id, /^[A-Za-z0-9_-]{1,64}$/);
      assert.ok(taken.message.trim() !== '' && taken.message.length <= MAX_MESSAGE_LENGTH);
      assert.ok(taken.message.isWellFormed());
      assert.is(taken.user, taken.user === undefined ? undefined : acceptUser(taken.user));
    }),
    { numRuns: 3000 },
  );
});

frames('a frame is the same after encoding and parsing', () => {
  // Spread, because fast-check also makes objects without a prototype.
  fc.assert(fc.property(clientFrame, frame => assert.equal(parseClientFrame(encode(frame)), { ...frame })));
  fc.assert(
    fc.property(relayFrame, frame => {
      const text = encode(frame);
      assert.equal(parseRelayFrame(text), JSON.parse(text));
    }),
  );
});

frames('a message in its common form is read as in any other form', () => {
  // Leading white space is no part of that form.
  const same = (frame: string) => assert.equal(parseClientFrame(frame), parseClientFrame(` ${frame}`), frame);
  const letters = fc.array(
    fc.constantFrom(...'aZ0_-~!#[]/<>{}:, ', '"', '\\', '\\n', '\\u0041', '\x7f', 'é', '中', '\ud83d'),
    {
      maxLength: 12,
    },
  );
  const common = fc
    .tuple(letters, letters)
    .map(([id, text]) => `{"type":"normal","id":"${id.join('')}","message":"${text.join('')}"}`);
  fc.assert(fc.property(common, same), { numRuns: 2000 });
  for (const text of [
    'x',
    ' x',
    'x ',
    ' ',
    '',
    'x'.repeat(1000),
    'x'.repeat(1001),
    'x'.repeat(4096),
    'x'.repeat(4097),
  ]) {
    for (const id of ['a', '', 'a'.repeat(64), 'a'.repeat(65), 'a.b']) {
      same(`{"type":"normal","id":"${id}","message":"${text}"}`);
      same(`{"type":"normal","id":"${id}","message":"${text}","again":true}`);
      same(`{"type":"normal","id":"${id}","message":"${text}"}x`);
    }
  }
});

frames('unknown fields are ignored', () => {
  assert.equal(read({ type: 'more', after: 3, colour: 'red' }), { type: 'more', after: 3 });
  assert.equal(read({ type: 'normal', id: 'a', message: 'x', seq: 9, from: 'me', at: 1 }), {
    type: 'normal',
    id: 'a',
    message: 'x',
  });
  assert.is(parseRelayFrame(JSON.stringify({ type: 'ping', colour: 'red' }))?.type, 'ping');
});

frames('unknown types are ignored', () => {
  for (const type of ['welcome', 'page', 'people', 'refused', 'dance', '', '__proto__', 'constructor']) {
    assert.is(read({ type }), undefined, type);
  }
  assert.is(parseRelayFrame('{"type":"dance"}'), undefined);
  assert.is(readTutorial({ type: 'hello', user: 'a' }), undefined);
});

frames('anything but an object with a type is a bad frame', () => {
  for (const input of [
    '',
    'x',
    'null',
    '1',
    '"ping"',
    '[]',
    '{}',
    '{"type":1}',
    '{"type":["ping"]}',
    '{"type":"ping"',
    '\0',
  ]) {
    assert.equal(parseClientFrame(input), refused('bad-frame', ''), input);
    assert.equal(parseTutorialFrame(input, make), refused('bad-frame', ''), input);
    assert.is(parseRelayFrame(input), undefined, input);
  }
});

frames('deep nesting is a bad frame', () => {
  const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
  assert.equal(parseClientFrame(deep), refused('bad-frame', ''));
  assert.equal(parseClientFrame(`{"type":"normal","id":"a","message":${deep}}`), refused('bad-frame', ''));
});

frames(
  'a frame of very many values is a bad frame, because it takes long to parse; text in strings does not count',
  () => {
    const typing = (more: string) => `{"type":"typing",${more}}`;
    const repeated = (value: string, count: number) => Array(count).fill(value).join(',');
    for (const more of [
      `"x":[${repeated('0', 600)}]`,
      `"x":[${repeated('{}', 300)}]`,
      Array.from({ length: 600 }, (_, index) => `"${index}":0`).join(','),
      `"\\"":[${repeated('""', 600)}]`,
    ]) {
      assert.equal(parseClientFrame(typing(more)), refused('bad-frame', ''), more.slice(0, 40));
      assert.equal(parseTutorialFrame(typing(more), make), refused('bad-frame', ''));
    }
    assert.equal(parseClientFrame(typing(`"x":[${repeated('123456', 200)}]`)), { type: 'typing' });
    for (const text of ['[{,"', '\\"', '\\\\', '"', '\\[', '",{']) {
      for (const padding of ['', ' ', '\\', '"']) {
        const message = padding + text.repeat(4000 / text.length);
        assert.equal(read({ type: 'normal', id: 'a', message }), { type: 'normal', id: 'a', message });
      }
    }
  },
);

frames('what is far too long is refused before it is looked at', () => {
  const blank = '\u200b'.repeat(4097);
  assert.equal(read({ type: 'normal', id: 'a', message: blank }), refused('too-long', 'normal', 'a'));
  assert.equal(read({ type: 'rename', user: `${' '.repeat(1023)}a` }), { type: 'rename', user: 'a' });
  assert.equal(read({ type: 'rename', user: `${' '.repeat(1024)}a` }), refused('bad-user', 'rename'));
  assert.equal(read({ type: 'hello', user: ' '.repeat(1025) }), refused('bad-user', 'hello'));
});

frames('__proto__ in a frame changes nothing', () => {
  const frame = parseClientFrame('{"type":"normal","id":"a","message":"x","__proto__":{"user":"evil","again":true}}');
  assert.equal(frame, { type: 'normal', id: 'a', message: 'x' });
  assert.is(Reflect.get({}, 'user'), undefined);
});

frames.run();

const normal = suite('protocol: normal');

normal('accepts valid fields, and leaves out others', () => {
  assert.equal(read({ type: 'normal', id: 'a_-9', message: ' hi ' }), { type: 'normal', id: 'a_-9', message: ' hi ' });
  assert.equal(read({ type: 'normal', id: 'a', message: 'x', user: ' xs ', again: true }), {
    type: 'normal',
    id: 'a',
    message: 'x',
    user: 'xs',
    again: true,
  });
  assert.equal(read({ type: 'normal', id: 'a', message: 'x', again: false }), {
    type: 'normal',
    id: 'a',
    message: 'x',
  });
});

normal('needs an id of 1 to 64 letters, digits, - and _', () => {
  for (const wrong of [undefined, '', 'a b', 'é', 'a'.repeat(65), 1, null, 'a\n', ['a']]) {
    assert.equal(read({ type: 'normal', id: wrong, message: 'x' }), refused('bad-frame', 'normal'), String(wrong));
  }
  assert.is(read({ type: 'normal', id: 'a'.repeat(64), message: 'x' })?.type, 'normal');
});

normal('refuses a message that is not text, empty, or too long, with its id', () => {
  for (const wrong of [undefined, 1, null, ['x'], { x: 1 }]) {
    assert.equal(read({ type: 'normal', id: 'a', message: wrong }), refused('bad-frame', 'normal', 'a'));
  }
  for (const blank of ['', ' ', '\n\t', '\u3000', '\u00a0']) {
    assert.equal(read({ type: 'normal', id: 'a', message: blank }), refused('empty', 'normal', 'a'));
  }
  const longest = 'x'.repeat(MAX_MESSAGE_LENGTH);
  assert.is(read({ type: 'normal', id: 'a', message: longest })?.type, 'normal');
  assert.equal(read({ type: 'normal', id: 'a', message: `${longest}x` }), refused('too-long', 'normal', 'a'));
});

normal('counts the length in UTF-16 units', () => {
  const longest = '😀'.repeat(MAX_MESSAGE_LENGTH / 2);
  assert.is(read({ type: 'normal', id: 'a', message: longest })?.type, 'normal');
  assert.equal(read({ type: 'normal', id: 'a', message: `${longest}x` }), refused('too-long', 'normal', 'a'));
});

normal('replaces a lone surrogate with U+FFFD', () => {
  const frame = parseClientFrame('{"type":"normal","id":"a","message":"a\\ud800b","user":"x\\udc00"}');
  assert.equal(frame, { type: 'normal', id: 'a', message: 'a\ufffdb', user: 'x\ufffd' });
});

normal('refuses an invalid name, and an `again` that is not a boolean', () => {
  assert.equal(read({ type: 'normal', id: 'a', message: 'x', user: '  ' }), refused('bad-user', 'normal', 'a'));
  assert.equal(read({ type: 'normal', id: 'a', message: 'x', user: 1 }), refused('bad-frame', 'normal', 'a'));
  assert.equal(read({ type: 'normal', id: 'a', message: 'x', again: 1 }), refused('bad-frame', 'normal', 'a'));
});

normal.run();

const others = suite('protocol: hello, more, rename, typing, ping');

others('hello needs a visible user name', () => {
  assert.equal(read({ type: 'hello', user: ' xs ' }), { type: 'hello', user: 'xs' });
  for (const wrong of [undefined, 1, null]) {
    assert.equal(read({ type: 'hello', user: wrong }), refused('bad-frame', 'hello'));
  }
  for (const wrong of ['', ' ', '\u202e', '\u200b', 'x'.repeat(MAX_USER_LENGTH + 1)]) {
    assert.equal(read({ type: 'hello', user: wrong }), refused('bad-user', 'hello'), JSON.stringify(wrong));
  }
});

others('hello takes a key of 16 to 128 letters, digits, - and _', () => {
  assert.is(read({ type: 'hello', user: 'a', key: KEY })?.type, 'hello');
  assert.is(read({ type: 'hello', user: 'a', key: 'k'.repeat(128) })?.type, 'hello');
  for (const wrong of [KEY.slice(1), 'k'.repeat(129), `${KEY} `, `${KEY}\n`, 1, null]) {
    assert.equal(read({ type: 'hello', user: 'a', key: wrong }), refused('bad-frame', 'hello'));
  }
});

others('hello takes epoch and since together or not at all', () => {
  assert.equal(read({ type: 'hello', user: 'a', epoch: 'e', since: 0 }), {
    type: 'hello',
    user: 'a',
    epoch: 'e',
    since: 0,
  });
  for (const wrong of [{ epoch: 'e' }, { since: 1 }, { epoch: 1, since: 1 }, { epoch: 'e', since: -1 }]) {
    assert.equal(read({ type: 'hello', user: 'a', ...wrong }), refused('bad-frame', 'hello'));
  }
});

others('more needs a place in the log', () => {
  assert.equal(read({ type: 'more', after: 0 }), { type: 'more', after: 0 });
  for (const wrong of [undefined, -1, 1.5, '1', null, 2 ** 53]) {
    assert.equal(read({ type: 'more', after: wrong }), refused('bad-frame', 'more'));
  }
});

others('rename needs a user', () => {
  assert.equal(read({ type: 'rename', user: ' 李四 ' }), { type: 'rename', user: '李四' });
  assert.equal(read({ type: 'rename' }), refused('bad-frame', 'rename'));
  assert.equal(read({ type: 'rename', user: '' }), refused('bad-user', 'rename'));
});

others('a ping is exactly 15 bytes', () => {
  assert.is(PING, encode({ type: 'ping' }));
  assert.is(new TextEncoder().encode(PING).length, 15);
  assert.equal(parseClientFrame(PING), { type: 'ping' });
  assert.equal(read({ type: 'typing' }), { type: 'typing' });
});

others.run();

const tutorial = suite('protocol: the tutorial dialect');

tutorial("accepts the tutorial's frames", () => {
  assert.equal(readTutorial({ type: 'normal', user: ' A ', message: 'x' }), {
    type: 'normal',
    id: 'made',
    message: 'x',
    user: 'A',
  });
  assert.equal(parseTutorialFrame(PING, make), { type: 'ping' });
});

tutorial('keeps a valid id, and makes a new one otherwise', () => {
  assert.is(Reflect.get(readTutorial({ type: 'normal', id: 'own', user: 'A', message: 'x' }) ?? {}, 'id'), 'own');
  for (const wrong of [undefined, '', 'a b', 7, null]) {
    assert.is(Reflect.get(readTutorial({ type: 'normal', id: wrong, user: 'A', message: 'x' }) ?? {}, 'id'), 'made');
  }
});

tutorial('has the same limits', () => {
  const long = 'x'.repeat(MAX_MESSAGE_LENGTH + 1);
  const code = (frame: object) => Reflect.get(readTutorial({ type: 'normal', ...frame }) ?? {}, 'code');
  assert.is(code({ user: 'A', message: long }), 'too-long');
  assert.is(code({ user: 'A', message: ' ' }), 'empty');
  assert.is(code({ user: ' ', message: 'x' }), 'bad-user');
  assert.is(code({ message: 'x' }), 'bad-user');
  assert.is(code({ user: 'A' }), 'bad-frame');
});

tutorial.run();

const relay = suite('protocol: frames of a relay');

const ENTRIES = [
  { type: 'normal', seq: 1, id: 'a', from: 'b', user: 'c', message: 'd', at: 1 },
  { type: 'edited', seq: 2, id: 'a', of: 1, from: 'b', user: 'c', message: 'd', at: 1, edited: 2 },
  { type: 'erased', seq: 3, id: 'a', from: 'b', of: 1, at: 1, by: 'author' },
  { type: 'gone', seq: 4 },
] as const;

relay('keeps the seq of an entry even if the rest of it cannot be read', () => {
  for (const whole of ENTRIES) {
    assert.equal(parseRelayFrame(JSON.stringify(whole)), whole);
    for (const field of Object.keys(whole).filter(name => name !== 'seq')) {
      for (const value of [undefined, []]) {
        if (whole.type === 'erased' && field === 'of' && value) continue;
        const frame = parseRelayFrame(JSON.stringify({ ...whole, [field]: value }));
        assert.equal(frame, { type: 'unknown', seq: whole.seq }, `${whole.type} ${field}`);
      }
    }
    for (const seq of [undefined, [], 0, -1, 1.5, '1']) {
      assert.is(parseRelayFrame(JSON.stringify({ ...whole, seq })), undefined, `${whole.type} seq ${seq}`);
    }
  }
});

relay('reads an erasure of many messages, and the optional fields of a message', () => {
  const many = { ...ENTRIES[2], of: [1, 2], by: 'moderator' };
  assert.equal(parseRelayFrame(JSON.stringify(many)), many);
  const edited = { ...ENTRIES[0], edited: 5, rev: 4 };
  assert.equal(parseRelayFrame(JSON.stringify(edited)), edited);
});

relay('returns an unknown entry for a time that is not valid', () => {
  for (const field of ['at', 'edited']) {
    const [normal, edited] = ENTRIES;
    for (const time of ['8.64e15', '-8.64e15', '0.5']) {
      const text = JSON.stringify({ ...edited, [field]: 'TIME' }).replace('"TIME"', time);
      assert.is(parseRelayFrame(text)?.type, 'edited', `${field} ${time}`);
    }
    for (const time of ['8640000000000001', '-1e16', '1e999']) {
      const text = JSON.stringify({ ...normal, [field]: 'TIME' }).replace('"TIME"', time);
      assert.equal(parseRelayFrame(text), { type: 'unknown', seq: 1 }, `${field} ${time}`);
    }
  }
});

relay('returns an entry of an unknown type, so that it is counted', () => {
  assert.equal(parseRelayFrame('{"type":"reaction","seq":7,"of":3}'), { type: 'unknown', seq: 7 });
  assert.is(parseRelayFrame('{"type":"reaction","of":3}'), undefined);
});

relay('ignores any other invalid frame', () => {
  for (const wrong of [
    { type: 'page', replay: 1, head: 1, missed: 'x', more: false },
    { type: 'page', replay: -1, head: 1, missed: 0, more: false },
    { type: 'people', count: 1, list: [{ from: 'a' }] },
    { type: 'people', count: 1, joined: {} },
    { type: 'welcome', v: 1, room: 'a', you: 'b', epoch: 'c', limits: {}, people: { count: 0, list: [] } },
    { type: 'typing', from: 'a' },
    { type: 'refused', code: 'empty' },
  ]) {
    assert.is(parseRelayFrame(JSON.stringify(wrong)), undefined, JSON.stringify(wrong));
  }
});

relay('accepts `missed: null`', () => {
  const page = { type: 'page', replay: 0, head: 0, missed: null, more: false };
  assert.equal(parseRelayFrame(JSON.stringify(page)), page);
});

relay.run();

const names = suite('protocol: names');

names('are trimmed, and characters that control the text around them are removed', () => {
  assert.is(cleanUser('  李 四 '), '李 四');
  assert.is(cleanUser('a\u0000\u001b\u007f\u0085b'), 'ab');
  assert.is(cleanUser('\u202eevil\u2066\u2069\u202a'), 'evil');
  assert.is(cleanUser('a\r\n\u2028\u2029b'), 'ab');
  assert.is(cleanUser('\u0000 a \u0000'), 'a');
  assert.is(cleanUser('👩‍👩‍👧'), '👩‍👩‍👧');
});

names('have 1 to 32 code points, and at least one is visible', () => {
  assert.is(cleanUser('😀'.repeat(MAX_USER_LENGTH)), '😀'.repeat(MAX_USER_LENGTH));
  assert.is(cleanUser('😀'.repeat(MAX_USER_LENGTH + 1)), undefined);
  for (const blank of ['', ' ', '\u3000', '\u200b', '\u202e', '\ufeff', '\u2060', '\u00ad', '\u3164']) {
    assert.is(cleanUser(blank), undefined, JSON.stringify(blank));
  }
});

names('do not change when cleaned again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), input => {
      const once = cleanUser(input);
      if (once === undefined) return;
      assert.is(cleanUser(once), once);
      assert.ok([...once].length >= 1 && [...once].length <= MAX_USER_LENGTH);
      assert.ok(once.isWellFormed());
      assert.not.match(once, /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    }),
    { numRuns: 2000 },
  );
});

names.run();

const rooms = suite('protocol: rooms');

rooms('are named with letters of any script, digits, - _ and .', () => {
  for (const room of [
    'lobby',
    '大厅',
    'a',
    '0',
    '-',
    '_',
    'a.b',
    '...',
    '.a',
    'é',
    'हिन्दी',
    'ไทย',
    '٣',
    '𝒳',
    'x'.repeat(64),
  ]) {
    assert.ok(isRoomName(room), room);
  }
  assert.ok(isRoomName('𠀀'.repeat(64)), 'the length is counted in code points');
});

rooms('are named with nothing else', () => {
  for (const room of [
    '',
    '.',
    '..',
    'a b',
    'a/b',
    'a\\b',
    'a\n',
    'a\u0000',
    '😀',
    '½',
    '\u0301',
    'e\u0301',
    'x'.repeat(65),
    '𠀀'.repeat(65),
    '\ud800',
    '\u202ea',
    'a\u200db',
    'a%20b',
    '<b>',
  ]) {
    assert.not.ok(isRoomName(room), JSON.stringify(room));
  }
});

rooms('keep their names in a URL', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 70 }), room => {
      if (!isRoomName(room)) return;
      const { pathname } = new URL(`/rooms/${encodeURIComponent(room)}`, 'http://relay');
      assert.is(decodeURIComponent(pathname.slice('/rooms/'.length)), room);
    }),
    { numRuns: 2000 },
  );
});

rooms.run();
