/** The tutorial's loop on Deno's own server. */
const clients = new Set();

Deno.serve({ port: Number(Deno.env.get('PORT')), onListen() {} }, request => {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.onopen = () => clients.add(socket);
  socket.onclose = () => clients.delete(socket);
  socket.onmessage = ({ data }) => {
    for (const client of clients) if (client.readyState === WebSocket.OPEN) client.send(data);
  };
  return response;
});
