import { createClient } from "@anywire/client";
import { expect, test } from "vitest";
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
