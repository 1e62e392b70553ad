import type { Hub } from "@anywire/core";
import type { Edge } from "../edges/centrifuge/edge.ts";
import type { Metrics } from "./metrics.ts";

/** Has Prometheus see what hub and socket edge count. */
export function observeServer(metrics: Metrics, hub: Hub, edge: Edge): void {
  const gauge = (name: string, help: string, read: () => number): void =>
    metrics.observe(name, help, "gauge", read);
  gauge("anywire_topics", "Channels and patterns kept at hand.", () => hub.stats().topics);
  gauge("anywire_subscriptions", "Subscriptions.", () => hub.stats().subscriptions);
  gauge("anywire_ring_bytes", "Memory of the newest entries.", () => hub.stats().ringBytes);
  metrics.observe("anywire_entries_total", "Entries fanned out.", "counter", () => {
    return hub.stats().entriesIn;
  });
  metrics.observe("anywire_catch_up_pages_total", "Pages read to catch up.", "counter", () => {
    return hub.stats().pagesRead;
  });
  metrics.observe(
    "anywire_connections",
    "Open connections.",
    "gauge",
    () => edge.stats().connections,
    "transport",
  );
  metrics.observe(
    "anywire_command_errors_total",
    "Refused commands.",
    "counter",
    () => edge.stats().errors as Readonly<Record<string, number>>,
    "code",
  );
}
