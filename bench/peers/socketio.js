/** Socket.IO's own chat example: one event, to everyone. */
import { Server } from 'socket.io';

const server = new Server(Number(process.env.PORT), { serveClient: false });

server.on('connection', socket => {
  socket.on('message', message => server.emit('message', message));
});
