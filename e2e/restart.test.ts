import { describe, expect, it } from "vitest";
import { lastingEngine } from "./support/engine-config.ts";
import { nextEvent } from "./support/next-event.ts";
import { connectRaw } from "./support/raw-client.ts";
import { connectSdk, DIALECTS, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const CHANNEL = "production.group.lobby";

it("a restart keeps the epoch, every entry and the ids", async () => {
  const engine = await lastingEngine();
  const first = await startTestServer(engine);
  const before = await connectRaw(first);
  const message = { channel: CHANNEL, id: "once", text: "hello" };
  const send = { rpc: { method: "message.send", data: message } };
  const stored = await before.request(send);
  await before.request({ publish: { channel: CHANNEL, data: 2 } });
  await first.close();
  const second = await startTestServer(engine);
  const after = await connectRaw(second);
  expect((await after.request(send))["rpc"]).toEqual(stored["rpc"]);
  await after.request({ publish: { channel: CHANNEL, data: 3 } });
  const { subscribe } = await after.request({
    subscribe: { channel: CHANNEL, recover: true, epoch: epochIn(stored["rpc"]) },
  });
  expect(subscribe).toMatchObject({ recovered: true });
  expect(subscribe?.publications?.map(({ offset, data }) => [offset, data])).toEqual([
    [1, { text: "hello" }],
    [2, 2],
    [3, 3],
  ]);
});

describe.each(DIALECTS)("clients over $name", (dialect) => {
  it("come back after a restart and have missed nothing", async () => {
    const engine = await lastingEngine();
    const first = await startTestServer(engine);
    const client = await connectSdk(first, { dialect });
    const { subscription, publications } = await subscribeSdk(client, CHANNEL);
    await client.centrifuge.publish(CHANNEL, client.pack("before"));
    await publications.atLeast(1);
    const subscribed = nextEvent(subscription, "subscribing").then(() =>
      nextEvent(subscription, "subscribed"),
    );
    await first.close();
    const second = await startTestServer(
      { ...engine, http: { port: Number(new URL(first.url).port) } },
      { keySet: first.keySet },
    );
    const other = await connectRaw(second, "june");
    await other.request({ publish: { channel: CHANNEL, data: "meanwhile" } });
    expect(await subscribed).toMatchObject({ wasRecovering: true, recovered: true });
    await client.centrifuge.publish(CHANNEL, client.pack("after"));
    const heard = await publications.atLeast(3);
    expect(heard.map((publication) => client.unpack(publication.data))).toEqual([
      "before",
      "meanwhile",
      "after",
    ]);
  });
});

function epochIn(result: unknown): string {
  return (result as { data: { epoch: string } }).data.epoch;
}
