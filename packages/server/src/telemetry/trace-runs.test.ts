import type { FinishedRun } from "@anywire/functions/runtime";
import { expect, test } from "vitest";
import { rootSpanIdOf, type Span, traceIdOf } from "./span.ts";
import { traceRuns } from "./trace-runs.ts";

const RUN: FinishedRun = {
  name: "forward",
  trigger: "afterPublish",
  platform: "production",
  channel: "production.sms.1",
  traceId: "m1",
  attempt: 2,
  startedAt: 1000,
  report: { durationMs: 3, queuedMs: 1, lines: [], effects: [] },
  isShadow: false,
};

function spanOf(run: FinishedRun): Span {
  const spans: Span[] = [];
  traceRuns({ add: (span) => void spans.push(span), close: async () => {} })(run);
  const [span] = spans;
  if (span === undefined) throw new Error("there is no span");
  return span;
}

test("a run is a part of the trace of what it was run for", () => {
  const span = spanOf(RUN);
  expect(span).toMatchObject({
    name: "function forward",
    kind: "consumer",
    traceId: traceIdOf("m1"),
    parentId: rootSpanIdOf("m1"),
    startedAt: 1000,
    durationMs: 3,
    attributes: {
      "anywire.function": "forward",
      "anywire.channel": "production.sms.1",
      "anywire.attempt": 2,
    },
  });
  expect(span).not.toHaveProperty("error");
  expect(spanOf(RUN).spanId).not.toBe(span.spanId);
});

test("a run that failed says what of", () => {
  const error = { failure: "late", message: "it was not done after 200 ms" } as const;
  const span = spanOf({ ...RUN, report: { ...RUN.report, error } });
  expect(span).toMatchObject({ error: error.message, attributes: { "anywire.failure": "late" } });
});

test("a run that follows from nothing is the root of its trace", () => {
  const { channel: _, ...run } = RUN;
  const span = spanOf({ ...run, trigger: "onCron", attempt: 1 });
  expect(span).toMatchObject({ kind: "server", spanId: rootSpanIdOf("m1") });
  expect(span).not.toHaveProperty("parentId");
});
