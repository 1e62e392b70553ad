import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** A value at the moment of the scrape: one, one for each value of the metric's label, or none when it is not known. */
export type MetricValue = number | Readonly<Record<string, number>> | undefined;

/** What the server tells Prometheus. */
export interface Metrics {
  /** Media type of the text. */
  readonly contentType: string;
  /**
   * Adds a metric that is read when it is asked for, so that counting costs the hot path nothing but an
   * addition.
   * @param name `anywire_…` in base units, a counter's ending in `_total`
   * @param label what tells the values of a record apart
   */
  observe(
    name: string,
    help: string,
    type: "counter" | "gauge",
    read: () => MetricValue,
    label?: string,
  ): void;
  /** Counts an answered HTTP request. Method and route come from a bounded set. */
  recordHttpRequest(method: string, route: string, status: number, seconds: number): void;
  /** Counts a run of a function. */
  recordFunctionRun(name: string, seconds: number): void;
  /** Everything as Prometheus text. */
  render(): Promise<string>;
}

/**
 * Metrics of this process, with those of Node itself (processor, memory, garbage collection, event-loop
 * delay) under their usual names.
 * @see https://prometheus.io/docs/practices/naming/
 */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const httpDuration = new Histogram({
    name: "anywire_http_request_duration_seconds",
    help: "Time from an HTTP request's head to its answer's head.",
    labelNames: ["method", "route", "status"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const runDuration = new Histogram({
    name: "anywire_function_run_seconds",
    help: "Time from the beginning of a function's run to its end.",
    labelNames: ["function"],
    buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    observe(name, help, type, read, label = "kind") {
      const options = { name, help, labelNames: [label], registers: [registry] };
      if (type === "gauge") {
        new Gauge({
          ...options,
          collect() {
            this.reset();
            for (const [labels, one] of series(read(), label)) this.set(labels, one);
          },
        });
      } else {
        new Counter({
          ...options,
          collect() {
            this.reset();
            for (const [labels, one] of series(read(), label)) this.inc(labels, one);
          },
        });
      }
    },
    recordHttpRequest(method, route, status, seconds) {
      httpDuration.observe({ method, route, status }, seconds);
    },
    recordFunctionRun(name, seconds) {
      runDuration.observe({ function: name }, seconds);
    },
    render: () => registry.metrics(),
  };
}

/** The value as prom-client takes it: a list of labels with their number. */
function series(value: MetricValue, label: string): [Record<string, string>, number][] {
  if (value === undefined) return [];
  if (typeof value === "number") return [[{}, value]];
  return Object.entries(value).map(([name, one]) => [{ [label]: name }, one]);
}
