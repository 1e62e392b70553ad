import { runFunction } from "@anywire/functions";
import { expect, test } from "vitest";
import dailyDigest from "./daily-digest.ts";

const MORNING = { scheduledAt: Date.parse("2026-07-02T07:00:00Z") };

test("the team reads what was said the day before", async () => {
  const kv = {
    "messages.2026-06-30.sms": 50,
    "messages.2026-07-01.group": 3,
    "messages.2026-07-01.sms": 9,
    "messages.2026-07-02.sms": 1,
  };
  const { published } = await runFunction(dailyDigest, MORNING, { kv });
  expect(published).toMatchObject([
    {
      channel: "production.group.team",
      message: { text: "Messages yesterday: 12 (3 group, 9 sms)" },
    },
  ]);
});

test("a day on which nothing was said is passed over", async () => {
  const { published, logs } = await runFunction(dailyDigest, MORNING);
  expect(published).toEqual([]);
  expect(logs).toMatchObject([{ level: "info", text: "nothing was said yesterday" }]);
});
