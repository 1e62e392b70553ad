import type { FinishedRun } from "@anywire/functions/runtime";
import { expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";
import { createRunMeter, observeFunctions } from "./observe-functions.ts";

function run(name: string, over: Partial<FinishedRun> = {}, isFailure = false): FinishedRun {
  const error = { failure: "threw", message: "x" } as const;
  const report = { durationMs: 2, queuedMs: 0, lines: [], effects: [] };
  return {
    name,
    trigger: "afterPublish",
    platform: "production",
    traceId: "m1",
    attempt: 1,
    startedAt: 0,
    report: isFailure ? { ...report, error } : report,
    isShadow: false,
    ...over,
  };
}

/** The lines that say a value of functions. */
async function rendered(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  const lines = (await metrics.render()).split("\n");
  return lines.filter((line) => line.startsWith("anywire_function") && !line.includes("bucket"));
}

test("runs are counted and timed by function, failures and retries besides; comparisons are not", async () => {
  const metrics = createMetrics();
  const meter = createRunMeter(metrics);
  for (const one of [
    run("sms"),
    run("sms", {}, true),
    run("sms", { attempt: 2 }),
    run("digest"),
    run("sms", { isShadow: true }, true),
  ]) {
    meter(one);
  }
  expect(await rendered(metrics)).toEqual([
    'anywire_function_run_seconds_sum{function="sms"} 0.006',
    'anywire_function_run_seconds_count{function="sms"} 3',
    'anywire_function_run_seconds_sum{function="digest"} 0.002',
    'anywire_function_run_seconds_count{function="digest"} 1',
    'anywire_function_errors_total{function="sms"} 1',
    'anywire_function_retries_total{function="sms"} 1',
  ]);
});

// The counts were kept in a plain object, which has an own idea of such names: `/metrics` failed as a whole.
test("a function may be called like what every object has", async () => {
  const metrics = createMetrics();
  const meter = createRunMeter(metrics);
  for (const name of ["constructor", "__proto__"]) meter(run(name, { attempt: 2 }, true));
  const lines = await rendered(metrics);
  expect(lines.filter((line) => line.includes("_total"))).toEqual([
    'anywire_function_errors_total{function="constructor"} 1',
    'anywire_function_errors_total{function="__proto__"} 1',
    'anywire_function_retries_total{function="constructor"} 1',
    'anywire_function_retries_total{function="__proto__"} 1',
  ]);
});

test("how busy the workers are is read when it is asked for", async () => {
  const metrics = createMetrics();
  const stats = { workers: 2, queued: 7, running: 3, replaced: 1 };
  observeFunctions(metrics, { stats: () => stats });
  expect(await rendered(metrics)).toEqual([
    "anywire_function_workers 2",
    "anywire_function_queue 7",
    "anywire_function_running 3",
    "anywire_function_workers_replaced_total 1",
  ]);
});
