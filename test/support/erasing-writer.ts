/**
 * A process that uses a log as a busy relay does: `erasing-writer.ts PATH`. In each turn of its event loop it commits a
 * message of each of 20 people, and every tenth turn it erases one of them. It prints `ready`, and when its input ends,
 * a line of JSON: the longest CPU time of a turn (ms), the newest `seq`, and the texts that it has erased.
 */
import { serveBackups } from '../../src/relay/runtime/node/backup-server.ts';
import { type LogFile, LogFileError, openLogFile } from '../../src/relay/runtime/node/log-file.ts';
import { OpenedRoom } from './opened-room.ts';

const WRITERS = 20;
const TURN_MS = 5;

function open(data: string): LogFile {
  const opened = openLogFile({ data, durability: 'normal', history: 1_000_000 }, report);
  if (opened instanceof LogFileError) throw new Error(opened.message);
  return opened;
}

const report = (error: unknown) => {
  throw error;
};
const file = open(process.argv[2] ?? '');
const path = file.path ?? '';
const server = serveBackups(path, { hold: file.hold, report });
const rooms = Array.from({ length: WRITERS }, (_, index) => new OpenedRoom(file.log, `room-${index}`));
const erased: string[] = [];
let turns = 0;
let longest = 0;

function turn(): void {
  const before = process.cpuUsage();
  for (const room of rooms) room.say(1, { id: `m${turns}`, message: `text ${turns} ${'x'.repeat(100)}` });
  file.log.commit();
  const room = rooms[turns % WRITERS];
  if (turns % 10 === 0 && room) {
    const text = `secret ${turns} `;
    room.erase(room.post(text, { id: `s${turns}` }), { id: `e${turns}` });
    erased.push(text);
  }
  server.check();
  for (const { entries, messages } of rooms) entries.length = messages.length = 0;
  turns += 1;
  const { user, system } = process.cpuUsage(before);
  longest = Math.max(longest, (user + system) / 1000);
}

// The first turns compile and make the rooms.
for (let count = 0; count < 2000; count++) turn();
longest = 0;
const timer = setInterval(turn, TURN_MS);
process.stdout.write('ready\n');
process.stdin.resume().on('end', () => {
  clearInterval(timer);
  server.close();
  process.stdout.write(`${JSON.stringify({ longest, head: rooms[0]?.room.head, erased })}\n`);
  file.close();
});
