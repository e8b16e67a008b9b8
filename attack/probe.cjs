/**
 * Loaded into the relay before its own program: tells whoever connects to the socket at ATTACK_PROBE how long the longest
 * turn of the event loop was since it was last asked (ms of CPU time), and collects all garbage first if it is told so.
 */
const { openSync, readSync } = require('node:fs');
const { Session } = require('node:inspector');
const { createServer } = require('node:net');

const TICK_MS = 1;
/** Until then the program is being loaded. */
const START_MS = 500;
/** V8 gives the memory back to the kernel a while after a collection. */
const COLLECT_MS = 1500;

const session = new Session();
session.connect();
const bytes = Buffer.alloc(64);
/** The time that the main thread has run, as Linux counts it (ns), where it does. */
const file = (() => {
  try {
    return openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  } catch {
    return undefined;
  }
})();

function cpuMs() {
  // It also brings the main thread's own count up to date, which is behind by up to a tick of the kernel otherwise.
  const { user, system } = process.cpuUsage();
  if (file === undefined) return (user + system) / 1000;
  return Number.parseInt(bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0)), 10) / 1e6;
}

let last = 0;
let longest = 0;
setTimeout(() => {
  last = cpuMs();
  // A turn is at most as long as what lies between two of these, and at least a tick less.
  setInterval(() => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
  }, TICK_MS).unref();
}, START_MS).unref();

const server = createServer(socket => {
  socket.on('error', () => {});
  socket.once('data', order => {
    const answer = () => {
      socket.end(JSON.stringify({ longestTurnMs: longest, heapBytes: process.memoryUsage().heapUsed }));
      longest = 0;
      last = cpuMs();
    };
    if (order.toString() === 'read') return answer();
    session.post('HeapProfiler.collectGarbage');
    setTimeout(answer, COLLECT_MS);
  });
});
server.listen(process.env.ATTACK_PROBE).unref();
