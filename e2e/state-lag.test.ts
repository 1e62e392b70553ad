import { expect, inject, it, vi } from "vitest";
import { connectSdk } from "./support/sdk-client.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

async function lagIn(server: TestServer): Promise<string[]> {
  const response = await fetch(`${server.url}/metrics`);
  return (await response.text()).split("\n").filter((line) => line.startsWith("anywire_state_lag"));
}

it("metrics say how far the state trails, unless it can't", async () => {
  const server = await startTestServer();
  const { centrifuge } = await connectSdk(server);
  await centrifuge.rpc("message.send", { channel: "production.group.lobby", text: "hello" });
  const inStep = ["anywire_state_lag_entries 0", "anywire_state_lag_seconds 0"];
  const expected = inject("e2eEngine") === "cluster" ? inStep : [];
  await vi.waitFor(async () => expect(await lagIn(server)).toEqual(expected), 5_000);
});
