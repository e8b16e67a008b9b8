/** uWebSockets' own publish, in native code, which batches by itself. Nobody is dropped for being slow for a moment. */
const { App } = require('@trufflesuite/uws-js-unofficial');

const app = App();

app
  .ws('/*', {
    maxBackpressure: 64 * 1024 * 1024,
    open: socket => socket.subscribe('room'),
    message: (_socket, message, isBinary) => app.publish('room', message, isBinary),
  })
  .listen(Number(process.env.PORT), listening => {
    if (!listening) process.exit(1);
  });
