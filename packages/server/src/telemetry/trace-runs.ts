import { randomBytes } from "node:crypto";
import type { FinishedRun } from "@anywire/functions/runtime";
import { rootSpanIdOf, type Span, type SpanSink, traceIdOf } from "./span.ts";

/** What does not follow from anything: such a run is the root of its trace. */
const ROOTS: ReadonlySet<FinishedRun["trigger"]> = new Set(["onRequest", "onInterval", "onCron"]);

/** Makes a span of each run of a function. */
export function traceRuns(sink: SpanSink): (run: FinishedRun) => void {
  return (run) => sink.add(runSpan(run));
}

function runSpan(run: FinishedRun): Span {
  const { name, trigger, platform, channel, traceId, attempt, startedAt, report, isShadow } = run;
  const { durationMs, queuedMs, error } = report;
  const isRoot = ROOTS.has(trigger) && !isShadow;
  return {
    name: `function ${name}`,
    kind: isRoot ? "server" : trigger.startsWith("after") ? "consumer" : "internal",
    traceId: traceIdOf(traceId),
    spanId: isRoot ? rootSpanIdOf(traceId) : randomBytes(8).toString("hex"),
    ...(isRoot ? {} : { parentId: rootSpanIdOf(traceId) }),
    startedAt,
    durationMs,
    attributes: {
      "anywire.function": name,
      "anywire.trigger": trigger,
      "anywire.platform": platform,
      ...(channel !== undefined && { "anywire.channel": channel }),
      "anywire.attempt": attempt,
      "anywire.queued_ms": queuedMs,
      ...(isShadow && { "anywire.shadow": true }),
      ...(error !== undefined && { "anywire.failure": error.failure }),
    },
    ...(error !== undefined && { error: error.message }),
  };
}
