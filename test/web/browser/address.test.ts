import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { heartbeatOf, relayOrigin, roomOfPath } from '../../../src/web/browser/address.ts';

const address = suite('address');

address("the relay's address is that of the script, unless the element has another", () => {
  assert.is(relayOrigin(null, 'http://localhost:8000/chat.js'), 'http://localhost:8000');
  assert.is(relayOrigin(null, 'https://relay.example/chat.js?v=1'), 'https://relay.example');
  assert.is(relayOrigin('wss://other.example', 'https://relay.example/chat.js'), 'https://other.example');
  assert.is(relayOrigin('ws://10.0.0.2:8000/', 'https://relay.example/chat.js'), 'http://10.0.0.2:8000');
});

address('the path gives the room, or the lobby without one', () => {
  assert.is(roomOfPath('/'), 'lobby');
  assert.is(roomOfPath('/rooms/support'), 'support');
  assert.is(roomOfPath('/rooms/%E5%A4%A7%E5%8E%85'), '大厅');
  assert.is(roomOfPath('/rooms/%ff'), 'lobby', 'a foreign page may have any path');
  assert.is(roomOfPath('/%65mbed/%72ooms/a'), 'a', 'the relay takes it for the same');
  assert.is(roomOfPath('/embed/rooms/%E5%A4%A7%E5%8E%85'), '大厅', 'in a frame');
  for (const path of ['/rooms/', '/rooms/a/b', '/elsewhere', '/a/rooms/b', '/embed/rooms/', '/embed/embed/rooms/a']) {
    assert.is(roomOfPath(path), 'lobby', path);
  }
});

const heartbeat = suite('heartbeat attribute');

heartbeat('is a number of milliseconds, off, or the default', () => {
  assert.is(heartbeatOf('5000'), 5000);
  assert.is(heartbeatOf('off'), 0);
  assert.is(heartbeatOf('Infinity'), Number.POSITIVE_INFINITY);
  for (const text of [null, '', 'soon', '0', 'NaN', '-1', '-5000', '-Infinity']) {
    assert.is(heartbeatOf(text), undefined, `${text}`);
  }
});

heartbeat('is at least a second', () => {
  for (const text of ['999', '1', '0.001', 1e-9]) assert.is(heartbeatOf(text), 1000, `${text}`);
});

address.run();
heartbeat.run();
