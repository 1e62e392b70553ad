import { expect, it } from "vitest";
import { startBystander } from "./support/bystander.ts";
import { nextEvent } from "./support/next-event.ts";
import { connectRaw, openRaw } from "./support/raw-client.ts";
import { connectSdk, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

const CHANNEL = "production.group.lobby";
const IMPATIENT = { socket: { pingIntervalMs: 1000, pongTimeoutMs: 500 } };

/** Connects by an HTTP stream, answers nothing, and resolves with all replies once the server ends it. */
async function readStream(server: TestServer): Promise<unknown[]> {
  const connect = { id: 1, connect: { token: await server.token("bob") } };
  const response = await fetch(`${server.url}/connection/http_stream`, {
    method: "POST",
    body: JSON.stringify(connect),
  });
  const lines = (await response.text()).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

it("a client that answers no pings is cut with 3012, by socket or stream, and leaves presence", async () => {
  const server = await startTestServer(IMPATIENT);
  const bystander = await startBystander(server);
  const june = await connectSdk(server, { account: "june" });
  const { subscription } = await subscribeSdk(june, CHANNEL, { joinLeave: true });
  const mute = await connectRaw(server, "bob", { answersPings: false });
  await mute.request({ subscribe: { channel: CHANNEL } });
  expect(await subscription.presenceStats()).toEqual({ numClients: 2, numUsers: 2 });
  const left = nextEvent(subscription, "leave");
  const stream = readStream(server);
  expect(await mute.closed).toEqual({ code: 3012, reason: "no pong" });
  expect(await left).toMatchObject({ info: { user: "bob" } });
  expect(await subscription.presenceStats()).toEqual({ numClients: 1, numUsers: 1 });
  expect((await stream).at(-1)).toEqual({
    push: { disconnect: { code: 3012, reason: "no pong", reconnect: true } },
  });
  await bystander.assertUndisturbed();
});

it("a client that is gone without a word is dropped, though it can't be told", async () => {
  const server = await startTestServer(IMPATIENT);
  const june = await connectSdk(server, { account: "june" });
  const { subscription } = await subscribeSdk(june, CHANNEL, { joinLeave: true });
  const gone = await connectRaw(server, "bob");
  await gone.request({ subscribe: { channel: CHANNEL } });
  const left = nextEvent(subscription, "leave");
  gone.socket.pause();
  expect(await left).toMatchObject({ info: { user: "bob" } });
});

it("whoever opens a socket and does not connect in time is cut with 3502", async () => {
  const server = await startTestServer({ socket: { connectTimeoutMs: 100 } });
  const silent = await openRaw(server);
  expect(await silent.closed).toEqual({ code: 3502, reason: "stale" });
});

// The answer to a ping could not be read while the client's own reading stood still, and the moment it
// went on, the client was taken for dead.
it("a client that stopped reading after a ping has time to answer once it reads on", async () => {
  const server = await startTestServer({
    socket: {
      // Longer than a busy machine takes to catch the client up.
      pingIntervalMs: 5000,
      pongTimeoutMs: 4900,
      connectTimeoutMs: 500,
      maxCommandBurst: 20_000,
    },
  });
  const clock = await connectRaw(server, "june");
  const late = await connectRaw(server, "bob", { answersPings: false });
  await late.request({ subscribe: { channel: CHANNEL } });
  await late.pings.atLeast(1);
  late.socket.pause();
  const { length } = clock.pings.items;
  const bulk = Array.from({ length: 100 }, () => ({
    publish: { channel: CHANNEL, data: "x".repeat(2000) },
  }));
  for (let i = 0; i < 100; i += 1) await clock.requestAll(bulk);
  await clock.pings.atLeast(length + 2);
  late.socket.resume();
  await late.replies.find(({ push }) => push?.pub?.offset === 10_000);
  // A client that never connects is cut by the same clock that would cut this one.
  await (await openRaw(server)).closed;
  late.send("{}");
  expect(await late.request({ ping: {} })).toMatchObject({ ping: {} });
  expect(late.publications(CHANNEL)).toHaveLength(10_000);
}, 60_000);
