/** Socket.IO as people write it: a checked token, two rooms for each socket, `io.to(room).emit`. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { Server } from "socket.io";

const secret = process.env.BENCH_SECRET;
const server = createServer();
const io = new Server(server, { transports: ["websocket"] });

io.use((socket, next) => {
  const [header, payload, signature] = socket.handshake.auth.token.split(".");
  const expected = createHmac("sha256", secret).update(`${header}.${payload}`).digest();
  if (!timingSafeEqual(expected, Buffer.from(signature, "base64url"))) return next(new Error("no"));
  socket.data.account = JSON.parse(Buffer.from(payload, "base64url").toString()).sub;
  next();
});
io.on("connection", (socket) => {
  socket.on("join", (channel, done) => {
    socket.join(channel);
    done();
  });
  socket.on("publish", ({ channel, messages }) => {
    for (const data of messages) io.to(channel).emit("message", { channel, data });
  });
});
server.listen(0, "127.0.0.1", 4096, () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
