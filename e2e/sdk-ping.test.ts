import { expect, it } from "vitest";
import { connectRaw } from "./support/raw-client.ts";
import { connectSdk, DIALECTS } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

it("pings keep clients that say nothing connected, in every dialect", async () => {
  const server = await startTestServer({ socket: { pingIntervalMs: 1000, pongTimeoutMs: 500 } });
  const breaks: unknown[] = [];
  const clients = await Promise.all(
    DIALECTS.map(async (dialect) => {
      // Without a ping for longer than this, the SDK itself would give the connection up.
      const client = await connectSdk(server, { dialect, maxServerPingDelay: 600 });
      client.centrifuge.on("connecting", (context) => breaks.push([dialect.name, context]));
      return client;
    }),
  );
  const clock = await connectRaw(server);
  await clock.pings.atLeast(3);
  for (const { centrifuge, pack } of clients) {
    await centrifuge.publish("production.group.lobby", pack("still here"));
  }
  expect(breaks).toEqual([]);
});
