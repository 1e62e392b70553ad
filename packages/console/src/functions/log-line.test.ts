import type { Entry } from "@anywire/types";
import { expect, test } from "vitest";
import { filterLines, type LogLine, toLogLine } from "./log-line.ts";

function entry(data: unknown, kind = "log"): Entry {
  const channel = "production.system.functions";
  const base = { offset: 5, id: "e5", channel, sender: "function:sms", at: 20, data };
  return { ...base, kind } as Entry;
}

test("a line has what was logged, at the time at which it was", () => {
  const data = {
    ...{ function: "sms", revision: null, level: "error", text: "failed", at: 10 },
    ...{ channel: "production.sms.1", fields: { length: 3 } },
    error: { failure: "threw", stack: "at sms.ts:3:5" },
  };
  expect(toLogLine(entry(data))).toEqual({
    ...{ key: "e5", offset: 5, at: 10, name: "sms", level: "error", text: "failed" },
    ...{ fields: '{"length":3}', channel: "production.sms.1", stack: "at sms.ts:3:5" },
  });
});

test("what has no meaning in a line is left out, and what is no line is none", () => {
  expect(toLogLine(entry({ level: "loud", text: 7, fields: {}, error: "x" }))).toMatchObject({
    ...{ at: 20, name: "", level: "info", text: "", fields: "" },
    ...{ channel: undefined, stack: undefined },
  });
  expect(toLogLine(entry({ text: "hi" }, "message"))).toBeUndefined();
  expect(toLogLine(entry("text"))).toBeUndefined();
});

test("lines are chosen by function and by the least important level", () => {
  const lines = [
    { name: "a", level: "debug" },
    { name: "a", level: "warn" },
    { name: "b", level: "error" },
  ] as LogLine[];
  expect(filterLines(lines, { name: undefined, level: "debug" })).toEqual(lines);
  expect(filterLines(lines, { name: "a", level: "info" })).toEqual([lines[1]]);
  expect(filterLines(lines, { name: undefined, level: "error" })).toEqual([lines[2]]);
});
