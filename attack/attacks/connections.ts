/** Attacks by connections: many of them, or ever new ones. */
import { type Attack, long } from '../attack.ts';
import { closed, head, send } from '../target.ts';
import { handshake, join, json } from '../web-socket.ts';

const message = (index: number) => json({ type: 'normal', id: `m${index}`, message: long(200, index) });
/** As many as a connection may send at once. */
const BURST = Buffer.concat(Array.from({ length: 20 }, (_, index) => message(index)));

export const CONNECTIONS: readonly Attack[] = [
  {
    name: 'crowd',
    edge: true,
    title: '190 connections of one address, each talking as fast as it may',
    full: true,
    seconds: 60,
    run: target =>
      target.repeat(190, async () => {
        const { socket } = await join(target);
        for (let index = 0; !target.stopped; index++) {
          await send(socket, message(index));
          await target.wait(200);
        }
      }),
  },
  {
    name: 'fresh-buckets',
    edge: true,
    title: 'connections that say what they may say at once, and are replaced by new ones',
    full: true,
    seconds: 60,
    run: target =>
      target.repeat(20, async () => {
        const { socket } = await join(target);
        await send(socket, BURST);
        await target.wait(20);
        socket.destroy();
      }),
  },
  {
    name: 'handshakes',
    title: 'connections that are dropped as soon as they are open',
    run: target =>
      target.repeat(100, async () => {
        const socket = await target.open();
        await send(socket, handshake(target));
        socket.resetAndDestroy();
      }),
  },
  {
    name: 'silent',
    title: 'connections that say nothing',
    run: target =>
      target.repeat(190, async () => {
        const socket = await target.open();
        await closed(socket);
      }),
  },
  {
    name: 'rooms',
    edge: true,
    title: 'a message in one new room after the other',
    run: target => {
      let count = 0;
      return target.repeat(20, async () => {
        const { socket } = await join(target, {}, `/rooms/new-${count++}`);
        await send(socket, message(0));
        await target.wait(20);
        socket.destroy();
      });
    },
  },
  {
    name: 'empty-rooms',
    edge: true,
    title: 'requests for the messages of rooms that nobody has been in',
    run: target => {
      let count = 0;
      return target.repeat(20, async () => {
        const socket = await target.open();
        while (!target.stopped) await send(socket, head('GET', `/rooms/none-${count++}/messages`, target.lines));
      });
    },
  },
  {
    name: 'unread-log',
    title: 'ever new connections, while nobody reads the log output',
    unreadLog: true,
    run: target =>
      target.repeat(20, async () => {
        const { socket } = await join(target);
        socket.destroy();
      }),
  },
];
