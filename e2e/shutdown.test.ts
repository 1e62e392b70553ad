import { connect } from "node:net";
import { expect, it } from "vitest";
import { nextEvent } from "./support/next-event.ts";
import { connectRaw, openRaw } from "./support/raw-client.ts";
import { connectSdk, DIALECTS } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

it("a server that stops tells every client to come back", async () => {
  const server = await startTestServer();
  const clients = await Promise.all(DIALECTS.map((dialect) => connectSdk(server, { dialect })));
  const goings = clients.map(({ centrifuge }) => nextEvent(centrifuge, "connecting"));
  const connected = await connectRaw(server);
  const silent = await openRaw(server);
  await server.close();
  const farewell = { code: 3001, reason: "shutdown" };
  expect(await connected.closed).toEqual(farewell);
  expect(await silent.closed).toEqual(farewell);
  expect(await Promise.all(goings)).toEqual(DIALECTS.map(() => farewell));
});

it("a request that never ends does not keep the server from stopping", async () => {
  const server = await startTestServer();
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write("POST /emulation HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{");
  await fetch(`${server.url}/health`);
  await Promise.all([server.close(), closed]);
});
