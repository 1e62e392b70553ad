import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { nextEvent } from "./support/next-event.ts";
import { connectRaw, openRaw } from "./support/raw-client.ts";
import { connectSdk, DIALECTS } from "./support/sdk-client.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

const PATIENT = { shutdown: { timeoutMs: 60_000 } };
const HEALTH = "GET /health HTTP/1.1\r\nhost: localhost\r\n";

/** A connection on which a request has begun that the server waits for the rest of. */
async function begin({ url }: TestServer, request: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(`${HEALTH}\r\n`);
  await once(socket, "data");
  socket.write(request);
  await fetch(`${url}/health`);
  return socket;
}

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
  const request = "POST /emulation HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{";
  const socket = await begin(server, request);
  await Promise.all([server.close(), once(socket, "close")]);
});

// A balancer keeps its connections, and they were served until the time for stopping had run out.
it("a connection that always has another request does not keep the server from stopping", async () => {
  const server = await startTestServer(PATIENT);
  const socket = await begin(server, HEALTH);
  const closing = server.close();
  socket.on("data", () => socket.write(`${HEALTH}\r\n`));
  socket.write("\r\n");
  await Promise.all([closing, once(socket, "close")]);
});

it("a request that has begun is answered, and its connection then ends at once", async () => {
  const server = await startTestServer(PATIENT);
  const headers = `authorization: Bearer ${await server.token("bob")}\r\ncontent-length: 14`;
  const request = `POST /v1/channels/production.group.lobby/messages HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${headers}\r\n\r\n{"text":`;
  const socket = await begin(server, request);
  const startedAt = performance.now();
  const closing = server.close();
  socket.write('"Hi."}');
  const [answer] = await once(socket, "data");
  expect(String(answer)).toMatch(/^HTTP\/1.1 201 /);
  await closing;
  // Node would keep it for five seconds more.
  expect(performance.now() - startedAt).toBeLessThan(4000);
});

// Closing waited half a minute for the farewell of each client that had lost its network.
it("a client that is gone without a word does not keep the server from stopping", async () => {
  const server = await startTestServer();
  const gone = await connectRaw(server);
  gone.socket.pause();
  await server.close();
});
