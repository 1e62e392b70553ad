import { expect, it } from "vitest";
import { startBystander } from "./support/bystander.ts";
import { connectRaw } from "./support/raw-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

// One frame of history commands made the server read and encode all answers at once, 18 GB here, though
// the client took none of them.
it("a client that asks for much and reads nothing costs a bounded buffer", async () => {
  const server = await startTestServer({ socket: { maxCommandBurst: 10_000 } });
  const bystander = await startBystander(server);
  const client = await connectRaw(server);
  const channel = "production.group.big";
  const data = "x".repeat(60_000);
  for (let i = 0; i < 25; i += 1) {
    await client.requestAll(Array.from({ length: 4 }, () => ({ publish: { channel, data } })));
  }
  client.socket.pause();
  const before = process.memoryUsage().rss;
  const histories = Array.from({ length: 3000 }, (_, i) =>
    JSON.stringify({ id: 1000 + i, history: { channel, limit: -1 } }),
  );
  client.send(histories.join("\n"));
  for (let i = 0; i < 20; i += 1) await bystander.assertUndisturbed();
  const grownMb = (process.memoryUsage().rss - before) / 2 ** 20;
  expect(grownMb).toBeLessThan(200);
});
