/** A broadcast loop as people write it: every message goes to every connected client. */
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const server = createServer();
const { clients } = new WebSocketServer({ server }).on("connection", (socket) => {
  socket.on("message", (message) => {
    const { channel, messages } = JSON.parse(message);
    for (const data of messages) {
      const text = JSON.stringify({ channel, data });
      for (const client of clients) client.send(text);
    }
  });
});
server.listen(0, "127.0.0.1", 4096, () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
