/** The tutorial's loop in a bare Hono app on @hono/node-ws, the packages that the relay uses. */
import { serve } from '@hono/node-server';
import { createNodeWebSocket } from '@hono/node-ws';
import { Hono } from 'hono';

const app = new Hono();
const { injectWebSocket, upgradeWebSocket } = createNodeWebSocket({ app });
const clients = new Set();

app.get(
  '/',
  upgradeWebSocket(() => ({
    onOpen: (_event, socket) => clients.add(socket),
    onClose: (_event, socket) => clients.delete(socket),
    onMessage: ({ data }) => {
      for (const client of clients) client.send(data);
    },
  })),
);

injectWebSocket(serve({ fetch: app.fetch, port: Number(process.env.PORT) }));
