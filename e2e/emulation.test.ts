import { expect, it } from "vitest";
import { startBystander } from "./support/bystander.ts";
import { connectRaw } from "./support/raw-client.ts";
import { connectSdk, type Dialect, WEBSOCKET_JSON } from "./support/sdk-client.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

const CHANNEL = "production.group.lobby";
const HTTP_STREAM: Dialect = { ...WEBSOCKET_JSON, transport: "http_stream" };

/** Sends commands to `/emulation` as the SDK does. */
function emulate({ url }: TestServer, body: unknown): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return fetch(`${url}/emulation`, { method: "POST", body: text });
}

async function nodeOf(server: TestServer): Promise<string> {
  const client = await connectRaw(server, "june");
  return (await client.replies.atLeast(1))[0]?.connect?.node ?? "";
}

// Whoever saw a client's id, in presence or on a publication, could act in its name: the id that everybody
// is shown was also what `/emulation` took for the session.
it.each([WEBSOCKET_JSON, HTTP_STREAM])(
  "a client's id, which others see, does not let them act in its name ($transport)",
  async (dialect) => {
    const server = await startTestServer();
    const { centrifuge } = await connectSdk(server, { dialect, account: "bob" });
    const subscription = centrifuge.newSubscription(CHANNEL);
    subscription.subscribe();
    await subscription.ready();
    const [session] = Object.keys((await subscription.presence()).clients);
    const data = JSON.stringify({ id: 99, publish: { channel: CHANNEL, data: "forged" } });
    const response = await emulate(server, { node: await nodeOf(server), session, data });
    expect(response.status).toBe(204);
    expect(await subscription.history({ limit: 10 })).toMatchObject({ publications: [] });
  },
);

it("commands for another server or none are refused, and those for a session that is gone are dropped", async () => {
  const server = await startTestServer();
  const bystander = await startBystander(server);
  const data = JSON.stringify({ id: 1, ping: {} });
  const elsewhere = await emulate(server, { node: "another", session: "any", data });
  expect(elsewhere.status).toBe(404);
  expect(await elsewhere.json()).toMatchObject({
    code: "not_found",
    detail: "the session is on another server; connect anew",
  });
  const gone = await emulate(server, { node: await nodeOf(server), session: "gone", data });
  expect(gone.status).toBe(204);
  await bystander.assertUndisturbed();
});

it.each([
  ["that is no JSON", "{", 400, "the body must be JSON"],
  ["without its fields", "{}", 400, "node: "],
  ["of another shape", '{"node":1,"session":[],"data":{}}', 400, "session: "],
  ["that is too large", "x".repeat(600_000), 413, "the body has more than 524288 bytes; send less"],
])("a body %s is refused with a sentence", async (_what, body, status, sentence) => {
  const server = await startTestServer();
  const response = await emulate(server, body);
  expect(response.status).toBe(status);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect((await response.json()).detail).toContain(sentence);
});

it("unreadable commands end the session they were sent to, and no other", async () => {
  const server = await startTestServer();
  const bystander = await startBystander(server);
  const connect = { id: 1, connect: { token: await server.token("bob") } };
  const stream = await fetch(`${server.url}/connection/http_stream`, {
    method: "POST",
    body: JSON.stringify(connect),
  });
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  const reply = JSON.parse((await reader?.read())?.value ?? "");
  const { session, node } = reply.connect;
  expect((await emulate(server, { node, session, data: "{{{" })).status).toBe(204);
  const farewell = JSON.parse((await reader?.read())?.value ?? "");
  expect(farewell).toEqual({ push: { disconnect: { code: 3501, reason: "bad request" } } });
  expect((await reader?.read())?.done).toBe(true);
  await bystander.assertUndisturbed();
});

it("the paths tell which method they take", async () => {
  const server = await startTestServer();
  for (const [path, method] of [
    ["/emulation", "POST"],
    ["/connection/http_stream", "POST"],
    ["/connection/sse", "GET"],
  ] as const) {
    const response = await fetch(server.url + path, { method: "DELETE" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, method]);
  }
});
