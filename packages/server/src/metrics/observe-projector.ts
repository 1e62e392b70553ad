import type { Projector } from "@anywire/core";
import type { Metrics } from "./metrics.ts";

/** Has Prometheus see how far the state trails: of all processes, the one that projects says it. */
export function observeProjector(metrics: Metrics, projector: Pick<Projector, "lag">): void {
  metrics.observe(
    "anywire_state_lag_entries",
    "Entries of the log that the state does not have yet.",
    "gauge",
    () => projector.lag()?.entries,
  );
  metrics.observe(
    "anywire_state_lag_seconds",
    "Age of the oldest of them, or how long nothing could be projected.",
    "gauge",
    () => {
      const lag = projector.lag();
      return lag && lag.ageMs / 1_000;
    },
  );
}
