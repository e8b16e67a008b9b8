/**
 * Loaded into a Node server before its own program: collects all garbage at each SIGUSR2 and gives the memory back to the
 * kernel, which V8's own `gc()` does not.
 */
const { Session } = require('node:inspector');

const session = new Session();
session.connect();
process.on('SIGUSR2', () => session.post('HeapProfiler.collectGarbage'));
