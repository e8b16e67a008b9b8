/** Attacks by reading: clients that take nothing of what they have asked for. */
import { type Attack, long } from '../attack.ts';
import { send } from '../target.ts';
import { join, json } from '../web-socket.ts';

export const READERS: readonly Attack[] = [
  {
    name: 'stalled-readers',
    edge: true,
    title: '100 readers that take nothing, of a room in which one talks as long as it may',
    run: async target => {
      const stall = target.repeat(100, async () => {
        const { socket } = await join(target);
        socket.pause();
        await target.wait(10_000);
      });
      const talk = target.repeat(1, async () => {
        const { socket } = await join(target);
        for (let index = 0; !target.stopped; index++) {
          await send(socket, json({ type: 'normal', id: `m${index}`, message: long(4096, index) }));
          await target.wait(200);
        }
      });
      await Promise.all([stall, talk]);
    },
  },
  {
    name: 'joining',
    edge: true,
    title: 'newcomers of a full room that take nothing',
    full: true,
    run: target =>
      target.repeat(50, async () => {
        const { socket } = await join(target);
        socket.pause();
        await target.wait(200);
        socket.destroy();
      }),
  },
];
