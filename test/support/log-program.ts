/**
 * A process that works on a log file until it is killed. `log-program.ts PATH open` waits for input, opens the file and
 * prints `opened`. `log-program.ts PATH erase TEXT` posts messages with that text, edits and erases them, and kills
 * itself.
 */
import { openLogFile } from '../../src/relay/runtime/node/log-file.ts';
import { TestEdit, TestErasure, TestMessage } from './entries.ts';
import { OpenedRoom, seqs } from './opened-room.ts';

const [, , path = '', command, text = ''] = process.argv;

function open() {
  const file = openLogFile({ data: path, durability: 'normal', history: 1000 }, error => {
    throw error;
  });
  if (!('log' in file)) throw new Error(file.message);
  return file;
}

if (command === 'open') {
  process.stdin.once('data', () => {
    open();
    process.stdout.write('opened\n');
  });
  process.stdout.write('ready\n');
} else {
  const room = new OpenedRoom(open().log);
  const messages = Array.from(
    { length: 200 },
    (_, index) => new TestMessage({ id: `${index}`, message: `${text} ${index}` }),
  );
  for (const message of messages) room.room.append(message);
  room.log.commit();
  for (const seq of seqs(messages).slice(100)) room.room.append(new TestEdit(seq, `${text} edited`, { id: `e${seq}` }));
  room.log.commit();
  room.room.append(new TestErasure(seqs(messages)));
  room.log.commit();
  process.kill(process.pid, 'SIGKILL');
}
