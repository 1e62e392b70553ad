import type { FinishedRun, FunctionHost } from "@anywire/functions/runtime";
import type { Metrics } from "./metrics.ts";

/** Has Prometheus see how busy the workers of functions are. */
export function observeFunctions(metrics: Metrics, host: Pick<FunctionHost, "stats">): void {
  const gauge = (name: string, help: string, read: () => number): void =>
    metrics.observe(name, help, "gauge", read);
  gauge("anywire_function_workers", "Worker threads of functions.", () => host.stats().workers);
  gauge("anywire_function_queue", "Runs that wait for a worker.", () => host.stats().queued);
  gauge("anywire_function_running", "Runs that are at work.", () => host.stats().running);
  metrics.observe(
    "anywire_function_workers_replaced_total",
    "Workers that were ended and replaced.",
    "counter",
    () => host.stats().replaced,
  );
}

/** Counts runs for Prometheus, by function; those that are only compared are left out. */
export function createRunMeter(metrics: Metrics): (run: FinishedRun) => void {
  const errors = new Map<string, number>();
  const retries = new Map<string, number>();
  const observe = (name: string, help: string, counts: ReadonlyMap<string, number>): void =>
    metrics.observe(name, help, "counter", () => Object.fromEntries(counts), "function");
  observe("anywire_function_errors_total", "Runs that failed.", errors);
  observe("anywire_function_retries_total", "Runs that were not the first attempt.", retries);
  return ({ name, attempt, isShadow, report }) => {
    if (isShadow) return;
    metrics.recordFunctionRun(name, report.durationMs / 1000);
    if (report.error !== undefined) count(errors, name);
    if (attempt > 1) count(retries, name);
  };
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
