import { expect, it } from "vitest";
import { connectRaw } from "./support/raw-client.ts";
import { startTestServer } from "./support/start-test-server.ts";
import { inSeconds } from "./support/tokens.ts";

const CHANNEL = "production.group.lobby";

it.each([
  ["another account", { sub: "june", channel: CHANNEL }, 103],
  ["another channel", { channel: "production.group.other" }, 103],
  ["another platform", { platform: "staging", channel: "staging.group.lobby" }, 103],
  ["a connection", {}, 101],
  ["a time that is over", { channel: CHANNEL, exp: inSeconds(-60) }, 109],
])("a subscription token for %s is refused", async (_what, claims, code) => {
  const server = await startTestServer();
  const client = await connectRaw(server);
  const token = await server.token("bob", claims);
  const { error } = await client.request({ subscribe: { channel: CHANNEL, token } });
  expect(error).toMatchObject({ code, message: expect.stringContaining("token") });
  expect(client.isOpen).toBe(true);
});

it("a subscription token is not taken for the connection's", async () => {
  const server = await startTestServer();
  const client = await connectRaw(server);
  const token = await server.token("bob", { channel: CHANNEL });
  client.send(JSON.stringify({ id: 2, refresh: { token } }));
  expect(await client.closed).toEqual({ code: 3500, reason: "invalid token" });
});

it("a refreshed token that allows less ends what it no longer allows, at once", async () => {
  const server = await startTestServer();
  const client = await connectRaw(server);
  await client.requestAll([
    { subscribe: { channel: CHANNEL } },
    { subscribe: { channel: "production.sms.1" } },
  ]);
  const token = await server.token("bob", { subscribe: ["production.sms.*"] });
  await client.request({ refresh: { token } });
  const { push } = await client.replies.find((reply) => reply.push?.unsubscribe !== undefined);
  expect(push).toEqual({
    channel: CHANNEL,
    unsubscribe: { code: 2000, reason: "server unsubscribe" },
  });
});
