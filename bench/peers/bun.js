/** Bun's own publish, in native code. Nobody is dropped for being slow for a moment. */
const server = Bun.serve({
  port: Number(process.env.PORT),
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response(null, { status: 400 })),
  websocket: {
    backpressureLimit: 64 * 1024 * 1024,
    open: socket => socket.subscribe('room'),
    message: (_socket, message) => server.publish('room', message),
  },
});
