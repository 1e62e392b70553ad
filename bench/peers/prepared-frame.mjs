/**
 * The floor: a frame is made once and written to every raw socket, all messages of a turn in one. Nothing that runs
 * on Node's sockets hands a message to so many for less; whoever comes near has little left to save.
 */
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const server = createServer();
const webSockets = new WebSocketServer({ noServer: true, clientTracking: false });
const sockets = new Set();

server.on("upgrade", (request, socket, head) => {
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    sockets.add(socket);
    webSocket.on("close", () => sockets.delete(socket));
    webSocket.on("message", (message) => {
      const { channel, messages } = JSON.parse(message);
      const lines = messages.map((data) => JSON.stringify({ channel, data }));
      const frame = frameOf(Buffer.from(lines.join("\n")));
      for (const each of sockets) each.write(frame);
    });
  });
});
server.listen(0, "127.0.0.1", 4096, () => {
  console.log(JSON.stringify({ port: server.address().port }));
});

function frameOf(payload) {
  const { length } = payload;
  const header = length < 126 ? [0x81, length] : [0x81, 126, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(header), payload]);
}
