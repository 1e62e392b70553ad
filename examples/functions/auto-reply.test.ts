import { createTestContext, runFunction } from "@anywire/functions";
import { expect, test } from "vitest";
import autoReply from "./auto-reply.ts";

// In July London is an hour ahead of UTC.
const OPENS = "2026-07-02T08:00:00Z";
const LAST_MINUTE = "2026-07-01T15:59:00Z";
const CLOSES = "2026-07-01T16:00:00Z";

const customer = { channel: "production.sms.7", sender: "phone:+447700900123" };

test.each([
  ["the last minute of the day", LAST_MINUTE, 0],
  ["the first one after it", CLOSES, 1],
  ["the night", "2026-07-01T23:30:00Z", 1],
  ["the last minute of the night", "2026-07-02T07:59:00Z", 1],
  ["the first one of the next day", OPENS, 0],
])("in %s, a customer gets as many answers as are due", async (_when, now, answers) => {
  const { published } = await runFunction(autoReply, customer, { now });
  expect(published).toHaveLength(answers);
});

test("the answer is said on the same channel, once a night", async () => {
  const context = createTestContext({ now: CLOSES });
  const first = await runFunction(autoReply, customer, { context });
  expect(first.published).toMatchObject([
    {
      channel: "production.sms.7",
      message: { text: "Thank you. We are back at 9:00 and will answer then." },
    },
  ]);
  context.setNow("2026-07-02T07:59:00Z");
  const again = await runFunction(autoReply, customer, { context });
  expect(again.published).toEqual([]);
  const elsewhere = { ...customer, channel: "production.sms.8" };
  expect((await runFunction(autoReply, elsewhere, { context })).published).toHaveLength(1);
  context.setNow("2026-07-02T16:00:00Z");
  expect((await runFunction(autoReply, customer, { context })).published).toHaveLength(1);
});

test.each(["account:ann", "function:auto-reply", "function:daily-digest"])(
  "%s is not answered",
  async (sender) => {
    const { published } = await runFunction(autoReply, { ...customer, sender }, { now: CLOSES });
    expect(published).toEqual([]);
  },
);

test("the hours are those of the key-value store, where it has some", async () => {
  const hours = { from: 8, to: 20, timeZone: "Asia/Kolkata" };
  const inIndia = async (now: string) =>
    (await runFunction(autoReply, customer, { now, kv: { "office-hours": hours } })).published;
  expect(await inIndia("2026-07-01T14:29:00Z")).toEqual([]);
  expect(await inIndia("2026-07-01T14:30:00Z")).toMatchObject([
    { message: { text: "Thank you. We are back at 8:00 and will answer then." } },
  ]);
});
