import { holdLease, Projector } from "@anywire/core";
import type { Engine } from "./engine.ts";
import type { Logger } from "./logging.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { observeProjector } from "./metrics/observe-projector.ts";

/** After this long without a word from its holder another process takes the work over, ms. */
const LEASE_MS = 3000;

/** What a process does beside answering. */
export interface BackgroundWork {
  /** Finishes what it is at and hands the work to another process. */
  close(): Promise<void>;
}

/** Keeps the state in step with the log, when the engine does not do so by itself: in one process of all at a time. */
export function startBackgroundWork(
  { log, state, kv }: Engine,
  logger: Logger,
  metrics: Metrics,
): BackgroundWork {
  if (state.capabilities.isWrittenWithLog) return { close: async () => {} };
  const onError = (err: unknown): void => logger.warn({ err }, "the state does not come along");
  const projector = new Projector({ log, state, onError });
  observeProjector(metrics, projector);
  return holdLease(kv, { name: "projector", leaseMs: LEASE_MS, onError }, (signal) => {
    logger.info("this process keeps the state in step with the log");
    return projector.run(signal);
  });
}
