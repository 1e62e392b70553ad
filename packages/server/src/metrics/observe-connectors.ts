import type { Metrics } from "./metrics.ts";

/** Told of what happens between the server and networks. */
export interface ConnectorMeter {
  /** A step of a delivery. */
  onStep(step: { readonly network: string; readonly step: string }): void;
  /** Something that a network told, and what became of it. */
  onEvent(event: { readonly type: string; readonly outcome: string }): void;
}

/** Counts deliveries and what networks tell for Prometheus. Networks, steps, types and outcomes are few: they are the labels. */
export function observeConnectors(metrics: Metrics): ConnectorMeter {
  const steps = new Map<string, number>();
  const events = new Map<string, number>();
  const observe = (name: string, help: string, counts: Map<string, number>, label: string): void =>
    metrics.observe(name, help, "counter", () => Object.fromEntries(counts), label);
  observe(
    "anywire_delivery_steps_total",
    "Steps of deliveries, by network and step, such as sms:sent.",
    steps,
    "step",
  );
  observe(
    "anywire_inbound_events_total",
    "What networks told, by its type and what became of it, such as message:stored.",
    events,
    "event",
  );
  return {
    onStep: ({ network, step }) => count(steps, `${network}:${step}`),
    onEvent: ({ type, outcome }) => count(events, `${type}:${outcome}`),
  };
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
