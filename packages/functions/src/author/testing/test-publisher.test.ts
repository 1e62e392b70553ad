import { expect, test } from "vitest";
import { createTestContext } from "./test-context.ts";

const channel = "production.group.a";

test("what is published is noted, and said on its channel", async () => {
  const context = createTestContext({ now: 7, channels: [{ channel }], functionName: "greet" });
  const published = await context.publish(channel, "hi");
  expect(published).toEqual({
    id: "published-1",
    channel,
    offset: 1,
    at: 7,
    timetoken: "00000000000070001",
  });
  expect(context.published).toEqual([
    { ...published, kind: "message", sender: "function:greet", message: { text: "hi" } },
  ]);
  expect((await context.channels.messages(channel)).messages).toMatchObject([
    { data: { text: "hi" }, sender: "function:greet" },
  ]);
  await context.publishData(channel, { a: 1 });
  expect(context.published[1]).toMatchObject({ kind: "data", data: { a: 1 } });
  expect((await context.channels.messages(channel)).messages).toHaveLength(1);
});

test("the same id again on a channel stores nothing twice", async () => {
  const context = createTestContext();
  const first = await context.publish(channel, "hi", { id: "m-1", sender: "account:support" });
  expect(await context.publish(channel, "again", { id: "m-1" })).toEqual(first);
  await context.publish("production.group.b", "hi", { id: "m-1" });
  expect(context.published.map((entry) => entry.sender)).toEqual([
    "account:support",
    "function:test",
  ]);
});

test("signals are noted", async () => {
  const context = createTestContext();
  await context.signal(channel, "typing");
  await context.signal(channel, "cursor", { x: 1 });
  expect(context.signals).toEqual([
    { channel, kind: "typing", data: null },
    { channel, kind: "cursor", data: { x: 1 } },
  ]);
});

test("what a server would refuse is refused", async () => {
  const { publish, publishData, signal, published, signals } = createTestContext();
  const circle: unknown[] = [];
  circle.push(circle);
  const calls: [Promise<unknown>, code: string][] = [
    [publish("staging.group.a", "hi"), "permission_denied"],
    [publish("production.system.functions", "hi"), "permission_denied"],
    [publish("lobby", "hi"), "unknown_channel"],
    [publish(channel, ""), "bad_request"],
    [publish(channel, { txt: "hi" } as never), "bad_request"],
    [publish(channel, "hi", { id: "no id" }), "bad_request"],
    [publish(channel, "hi", { sender: "bob" }), "bad_request"],
    [publishData(channel, undefined), "bad_request"],
    [publishData(channel, circle), "bad_request"],
    [signal(channel, "Typing"), "bad_request"],
    [signal("staging.group.a", "typing"), "permission_denied"],
  ];
  for (const [call, code] of calls) await expect(call).rejects.toMatchObject({ code });
  expect([published, signals]).toEqual([[], []]);
});
