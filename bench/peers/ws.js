/** The tutorial's loop: each message is sent to everyone. */
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: Number(process.env.PORT) });

server.on('connection', socket => {
  socket.on('message', message => {
    for (const client of server.clients) client.send(message);
  });
});
