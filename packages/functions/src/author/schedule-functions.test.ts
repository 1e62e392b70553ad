import { expect, test } from "vitest";
import { onCron, onInterval, runFunction } from "../index.ts";

test("schedules are told the moment they were to run at", async () => {
  const interval = onInterval("10m", (event, { log }) => log.info(String(event.scheduledAt)));
  expect(interval).toMatchObject({ trigger: "onInterval", binding: "600000", options: {} });
  const { logs, result } = await runFunction(interval, { scheduledAt: 600_000 });
  expect([logs[0]?.text, result]).toEqual(["600000", { type: "ok" }]);

  const cron = onCron("0 9 * * 1-5", ({ ok }) => ok(), { timeZone: "Europe/London" });
  expect(cron).toMatchObject({ trigger: "onCron", binding: "0 9 * * 1-5" });
  expect(cron.options).toEqual({ timeZone: "Europe/London" });
  expect((await runFunction(cron)).result).toEqual({ type: "ok" });
});

test("a time that is none is refused at once", () => {
  expect(() => onInterval("soon", () => {})).toThrow("onInterval: the interval is");
  expect(() => onCron("soon", () => {})).toThrow("onCron: the cron expression is");
});
