/** The tutorial's loop for several rooms: each message is sent to everyone who has connected to the same path. */
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({ port: Number(process.env.PORT) });
const rooms = new Map();

server.on('connection', (socket, { url }) => {
  const clients = rooms.get(url) ?? new Set();
  rooms.set(url, clients.add(socket));
  socket.on('close', () => clients.delete(socket));
  socket.on('message', message => {
    for (const client of clients) client.send(message);
  });
});
