import { createTestContext, runFunction } from "@anywire/functions";
import { expect, test } from "vitest";
import countMessages from "./count-messages.ts";

test("messages are counted by day and type of channel", async () => {
  const context = createTestContext({ now: "2026-07-01T23:59:59Z" });
  await runFunction(countMessages, { channel: "production.sms.7" }, { context });
  await runFunction(countMessages, { channel: "production.sms.8" }, { context });
  await runFunction(countMessages, { channel: "production.group.desk" }, { context });
  context.setNow("2026-07-02T00:00:00Z");
  const { kv } = await runFunction(countMessages, { channel: "production.sms.7" }, { context });
  expect(kv).toEqual({
    "messages.2026-07-01.group": 1,
    "messages.2026-07-01.sms": 2,
    "messages.2026-07-02.sms": 1,
  });
});

test("what functions say does not count", async () => {
  const { kv } = await runFunction(countMessages, { sender: "function:auto-reply" });
  expect(kv).toEqual({});
});

test("a week later the counters are gone", async () => {
  const context = createTestContext({ now: "2026-07-01T12:00:00Z" });
  await runFunction(countMessages, {}, { context });
  context.setNow("2026-07-08T12:00:00Z");
  expect(context.kept()).toEqual({});
});
