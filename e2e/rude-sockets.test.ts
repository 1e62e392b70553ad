import { connect, type Socket } from "node:net";
import { expect, it } from "vitest";
import { startBystander } from "./support/bystander.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

const UPGRADE = [
  "GET /connection/websocket HTTP/1.1",
  "host: localhost",
  "connection: upgrade",
  "upgrade: websocket",
  "sec-websocket-version: 13",
  "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
];

/** Opens a bare TCP connection. */
async function openTcp({ url }: TestServer): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

/** Everything the server sends until it closes. */
async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(Buffer.from(chunk as Buffer)));
  await new Promise((resolve) => socket.once("close", resolve));
  return Buffer.concat(chunks).toString("latin1");
}

function request(...lines: readonly string[]): string {
  return `${lines.join("\r\n")}\r\n\r\n`;
}

// A reset while the server refuses an upgrade had no listener, which ends a process.
it.each([
  ["an upgrade on another path", ["GET /elsewhere HTTP/1.1", ...UPGRADE.slice(1)]],
  ["an upgrade of a foreign page", [...UPGRADE, "origin: https://evil.example.org"]],
  ["an upgrade", UPGRADE],
  ["a stream", ["POST /connection/http_stream HTTP/1.1", "host: a", "content-length: 2", "", "{}"]],
  [
    "half a message",
    [
      "POST /v1/channels/production.group.lobby/messages HTTP/1.1",
      "host: a",
      "authorization: Bearer TOKEN",
      "content-type: application/json",
      "content-length: 200",
      "",
      "{",
    ],
  ],
  ["half a request", ["POST /emulation HTTP/1.1", "host: a", "content-length: 200", "", "{"]],
])("a client that resets the connection right after %s hurts nobody", async (_what, lines) => {
  const server = await startTestServer();
  const bystander = await startBystander(server);
  const text = request(...lines).replace("TOKEN", await server.token("bob"));
  for (let i = 0; i < 50; i += 1) {
    const socket = await openTcp(server);
    socket.write(text, () => socket.resetAndDestroy());
  }
  await bystander.assertUndisturbed();
  await bystander.assertUndisturbed();
});

it.each([
  ["another path", ["GET /elsewhere HTTP/1.1", ...UPGRADE.slice(1)], 404],
  ["a foreign page", [...UPGRADE, "origin: https://evil.example.org"], 403],
  ["another version", UPGRADE.map((line) => line.replace("version: 13", "version: 7")), 400],
  ["no key", UPGRADE.slice(0, -1), 400],
  ["another method", UPGRADE.map((line) => line.replace("GET", "POST")), 405],
])("an upgrade with %s is refused", async (_what, lines, status) => {
  const server = await startTestServer();
  const socket = await openTcp(server);
  const answer = readAll(socket);
  socket.write(request(...lines));
  expect(await answer).toContain(`HTTP/1.1 ${status} `);
});

it.each([
  ["that is not masked", Uint8Array.of(0x81, 0x02, 0x7b, 0x7d)],
  ["with reserved bits", Uint8Array.of(0xf1, 0x80, 0, 0, 0, 0)],
  ["of an unknown kind", Uint8Array.of(0x83, 0x80, 0, 0, 0, 0)],
  [
    "that says it is endless",
    Uint8Array.of(0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  ],
])("a frame %s closes that socket and no other", async (_what, frame) => {
  const server = await startTestServer();
  const bystander = await startBystander(server);
  const socket = await openTcp(server);
  const answer = readAll(socket);
  socket.write(request(...UPGRADE));
  socket.write(frame);
  expect(await answer).toContain("HTTP/1.1 101 ");
  await bystander.assertUndisturbed();
});

it("a request that is no HTTP is refused", async () => {
  const server = await startTestServer();
  const socket = await openTcp(server);
  const answer = readAll(socket);
  socket.write("\u0000\u0001 nonsense\r\n\r\n");
  expect(await answer).toContain("HTTP/1.1 400 ");
});
