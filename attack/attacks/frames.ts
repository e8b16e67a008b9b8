/** Attacks by frames: more of them than anyone needs, or such that cost more than they should. */
import { type Attack, flood, long } from '../attack.ts';
import { send } from '../target.ts';
import { BINARY, frame, join, json, PING, TEXT, upgrade } from '../web-socket.ts';

const ping = () => '{"type":"ping"}';
const message = (index: number, more: object = {}) =>
  JSON.stringify({ type: 'normal', id: `m${index}`, message: `${index}`, ...more });
const marks = (index: number) => message(index, { message: `a${'\u0301'.repeat(8)}`.repeat(210) });

export const FRAMES: readonly Attack[] = [
  { name: 'pings', edge: true, title: 'pings without pause', run: flood(ping) },
  { name: 'ten-pings', edge: true, title: 'the same over ten connections', run: flood(ping, { connections: 10 }) },
  {
    name: 'many-pings',
    title: 'the same over 190 connections',
    run: flood(ping, { connections: 190 }),
  },
  {
    name: 'unread-pings',
    edge: true,
    title: 'pings, whose answers are not read',
    run: flood(ping, { connections: 10, reads: false }),
  },
  {
    name: 'protocol-pings',
    title: 'ping frames of WebSocket itself, whose answers are not read',
    run: flood(() => frame('x'.repeat(125), { opcode: PING }), { connections: 10, reads: false }),
  },
  {
    name: 'messages',
    edge: true,
    title: 'messages far over the rate',
    run: flood(index => message(index), { connections: 4 }),
  },
  {
    name: 'long-messages',
    edge: true,
    title: 'the longest messages',
    run: flood(index => message(index, { message: long(4096, index) }), { connections: 4 }),
  },
  {
    name: 'marks',
    edge: true,
    title: 'messages of letters with eight accents each',
    run: flood(marks, { connections: 4 }),
  },
  {
    name: 'many-marks',
    title: 'the same over 100 connections',
    run: flood(marks, { connections: 100 }),
  },
  {
    name: 'blanks',
    edge: true,
    title: 'messages and names in which there is nothing to see',
    run: flood(
      index =>
        index % 2
          ? message(index, { message: '\u3164'.repeat(1900) })
          : JSON.stringify({ type: 'rename', user: '\u1160'.repeat(120) }),
      { connections: 4 },
    ),
  },
  {
    name: 'typing',
    edge: true,
    title: 'frames over the rate, which are refused',
    run: flood(() => '{"type":"typing"}'),
  },
  { name: 'unknown', edge: true, title: 'frames of an unknown type', run: flood(() => '{"type":"nonsense"}') },
  { name: 'garbage', edge: true, title: 'frames that are not JSON', run: flood(() => '{', { connections: 4 }) },
  {
    name: 'bulky',
    edge: true,
    title: 'frames of 60 kB of nested brackets',
    run: flood(() => `{"type":"typing","x":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, { connections: 4 }),
  },
  {
    name: 'binary',
    edge: true,
    title: 'binary frames',
    run: flood(() => frame('{}', { opcode: BINARY }), { connections: 4 }),
  },
  {
    name: 'renames',
    edge: true,
    title: 'another name in each frame',
    run: flood(index => JSON.stringify({ type: 'rename', user: `m${index}` }), { connections: 4 }),
  },
  {
    name: 'hellos',
    edge: true,
    title: 'one hello after the other',
    run: flood(index => JSON.stringify({ type: 'hello', user: `m${index}` }), { connections: 4 }),
  },
  {
    name: 'tutorial',
    edge: true,
    title: "garbage and messages at the tutorial's endpoint",
    run: flood(index => (index % 2 ? '{' : message(index, { user: 'm' })), { connections: 8, path: '/' }),
  },
  {
    name: 'more',
    edge: true,
    title: 'the first page of a full room, again and again',
    full: true,
    run: target =>
      target.repeat(20, async () => {
        const { socket, text } = await join(target);
        const epoch = /"epoch":"([^"]+)"/.exec(text)?.[1] ?? '';
        socket.destroy();
        const { socket: behind } = await join(target, { epoch, since: 0 });
        const more = Buffer.concat(Array.from({ length: 100 }, () => json({ type: 'more', after: 0 })));
        while (!target.stopped) {
          await send(behind, more);
          await target.pace();
        }
      }),
  },
  {
    name: 'retries',
    edge: true,
    title: 'retries of messages that a full room does not have',
    full: true,
    run: flood(index => message(index, { id: `retry-${index}`, again: true }), { connections: 4 }),
  },
  {
    name: 'fragments',
    title: '190 messages of 16,000 fragments that never end',
    run: target =>
      target.repeat(190, async () => {
        const { socket } = await join(target);
        await send(socket, frame('x', { opcode: TEXT, final: false }));
        const part = frame('x', { opcode: 0, final: false });
        for (let sent = 0; sent < 16; sent++)
          await send(socket, Buffer.concat(Array.from({ length: 1000 }, () => part)));
        await target.wait(10_000);
      }),
  },
  {
    name: 'unfinished',
    title: '190 frames of 64 kB that never end',
    run: target =>
      target.repeat(190, async () => {
        const socket = await upgrade(target);
        await send(socket, frame('x'.repeat(65_000)).subarray(0, 64_000));
        await target.wait(10_000);
      }),
  },
];
