import { expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";

test("a metric is read when it is asked for, not when it is added", async () => {
  const metrics = createMetrics();
  let connections = 1;
  metrics.observe("anywire_connections", "Open connections.", "gauge", () => connections);
  connections = 7;
  expect(await metrics.render()).toContain(
    "# HELP anywire_connections Open connections.\n# TYPE anywire_connections gauge\nanywire_connections 7\n",
  );
  connections = 3;
  expect(await metrics.render()).toContain("\nanywire_connections 3\n");
});

test("a counter says its total, however often it is asked", async () => {
  const metrics = createMetrics();
  metrics.observe("anywire_entries_total", "Entries.", "counter", () => 5);
  await metrics.render();
  expect(await metrics.render()).toContain("\nanywire_entries_total 5\n");
});

test("a record is one series for each key, and a key that is gone is gone", async () => {
  const metrics = createMetrics();
  const reads = [{ websocket: 2, sse: 1 }, { websocket: 4 }];
  metrics.observe("anywire_open", "Open.", "gauge", () => reads.shift() ?? 0, "transport");
  expect(await metrics.render()).toContain(
    'anywire_open{transport="websocket"} 2\nanywire_open{transport="sse"} 1\n',
  );
  const text = await metrics.render();
  expect(text).toContain('anywire_open{transport="websocket"} 4\n');
  expect(text).not.toContain("sse");
});

test("the process itself is seen, event-loop delay included", async () => {
  const text = await createMetrics().render();
  for (const name of ["process_cpu_seconds_total", "nodejs_eventloop_lag_p99_seconds"]) {
    expect(text).toContain(`\n${name} `);
  }
});

test("two servers in one process count apart", async () => {
  const [one, two] = [createMetrics(), createMetrics()];
  one.recordHttpRequest("GET", "/health", 200, 0.002);
  expect(await one.render()).toContain('_count{method="GET",route="/health",status="200"} 1');
  expect(await two.render()).not.toContain("/health");
});
