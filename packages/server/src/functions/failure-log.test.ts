import type { FinishedRun, RunError } from "@anywire/functions/runtime";
import { beforeEach, expect, test } from "vitest";
import { createFailureLog } from "./failure-log.ts";

let lines: object[];
let now: number;
let onRun: (run: FinishedRun) => void;

beforeEach(() => {
  lines = [];
  now = 1000;
  const logger = { warn: (line: object) => void lines.push(line) } as Parameters<
    typeof createFailureLog
  >[0];
  onRun = createFailureLog(logger, () => now);
});

function fails(name: string, error: Partial<RunError> = {}, over: Partial<FinishedRun> = {}): void {
  const whole: RunError = {
    failure: "threw",
    message: "no network\nat sms.ts:3",
    stack: "at sms.ts:3",
    ...error,
  };
  onRun({
    name,
    trigger: "afterPublish",
    platform: "production",
    channel: "production.sms.1",
    traceId: "m1",
    attempt: 1,
    startedAt: 0,
    report: { error: whole, durationMs: 1, queuedMs: 0, lines: [], effects: [] },
    isShadow: false,
    ...over,
  });
}

test("a failure is one line that says which function failed on what, without the author's stack", () => {
  fails("sms");
  expect(lines).toEqual([
    {
      function: "sms",
      trigger: "afterPublish",
      platform: "production",
      channel: "production.sms.1",
      attempt: 1,
      trace: "m1",
      failure: "threw",
      why: "no network",
    },
  ]);
});

test("a function that goes on failing is told of now and then, with how often it did", () => {
  for (let i = 0; i < 50; i += 1) fails("sms");
  fails("other");
  expect(lines).toHaveLength(2);
  now += 10_000;
  fails("sms");
  expect(lines.at(-1)).toMatchObject({ function: "sms", others: 49 });
  now += 10_000;
  fails("sms");
  expect(lines.at(-1)).not.toHaveProperty("others");
});

test("what a stopping server did not get to, what is only compared, and what went well is no line", () => {
  fails("sms", { failure: "stopped" });
  fails("sms", {}, { isShadow: true });
  fails("sms", {}, { report: { durationMs: 1, queuedMs: 0, lines: [], effects: [] } });
  expect(lines).toEqual([]);
});
