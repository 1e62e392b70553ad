import { createClient } from "@anywire/client";
import { expect, onTestFinished, test, vi } from "vitest";
import { startTestServer } from "./support/start-test-server.ts";
import { inSeconds } from "./support/tokens.ts";

test("a token that runs out is renewed on the open connection, and nothing is interrupted", async () => {
  const server = await startTestServer();
  const lifetimes = [2, 3600];
  let tellRenewed = (): void => {};
  const renewed = new Promise<void>((resolve) => {
    tellRenewed = resolve;
  });
  const client = createClient({
    url: server.url,
    async getToken() {
      const token = await server.token("bob", { exp: inSeconds(lifetimes.shift() ?? 0) });
      if (lifetimes.length === 0) tellRenewed();
      return token;
    },
  });
  const states: string[] = [];
  client.on("state", ({ state }) => states.push(state));
  client.connect();
  const lobby = client.channel("production.group.lobby");
  await lobby.send("before");
  await renewed;
  await lobby.send("after");
  expect(states).toEqual(["connecting", "connected"]);
  client.disconnect();
});

test("a token with a day or less left is renewed before the next request on the open connection", async () => {
  const server = await startTestServer();
  const day = 24 * 60 * 60;
  const fetched: string[] = [];
  const client = createClient({
    url: server.url,
    // What it connects with is the first one, which has more than a day by a minute.
    token: await server.token("bob", { exp: inSeconds(day + 60) }),
    async getToken() {
      const token = await server.token("bob", { exp: inSeconds(30 * day) });
      fetched.push(token);
      return token;
    },
  });
  onTestFinished(() => {
    vi.useRealTimers();
    client.disconnect();
  });
  client.connect();
  const lobby = client.channel("production.group.lobby");
  await lobby.send("hello");
  expect(fetched).toHaveLength(0);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
  await lobby.send("a minute later");
  expect(fetched).toHaveLength(1);
  await Promise.all([lobby.send("and"), lobby.history({ limit: 1 }), client.call("me.snapshot")]);
  expect(fetched).toHaveLength(1);
});

test("a token of somebody else is refused on the open connection, which goes on with its own", async () => {
  const server = await startTestServer();
  const client = createClient({ url: server.url, token: await server.token("bob") });
  onTestFinished(() => client.disconnect());
  client.connect();
  const refresh = async (account: string) =>
    client.call("token.refresh", { token: await server.token(account, { exp: inSeconds(7200) }) });
  await expect(refresh("ann")).rejects.toMatchObject({ code: "unauthenticated" });
  const { expiresAt } = await refresh("bob");
  expect((expiresAt ?? 0) - Date.now()).toBeGreaterThan(7_000_000);
  expect(client.state).toBe("connected");
});
