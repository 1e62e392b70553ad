/** A server that answers every command and does nothing else: what the answers alone cost with `ws`. */
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const server = createServer();
new WebSocketServer({ server, clientTracking: false }).on("connection", (socket) => {
  socket.on("message", (frame) => {
    const { id, connect } = JSON.parse(frame);
    socket.send(JSON.stringify(connect === undefined ? { id, publish: {} } : { id, connect: {} }));
  });
});
server.listen(0, "127.0.0.1", 4096, () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
