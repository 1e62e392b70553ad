import { performance } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";

/** How busy a process is to be. */
export interface BusyOptions {
  /** How long it loops each time, ms. */
  readonly busyMs: number;
  /** From the beginning of one time to that of the next, ms. */
  readonly everyMs: number;
  readonly times: number;
}

/** Takes as much of a processor as a function that loops until its deadline, and does nothing else. */
export async function keepBusy({ busyMs, everyMs, times }: BusyOptions): Promise<void> {
  const startedAt = performance.now();
  for (let time = 0; time < times; time += 1) {
    const beginsAt = startedAt + time * everyMs;
    await delay(Math.max(0, beginsAt - performance.now()));
    const endsAt = performance.now() + busyMs;
    while (performance.now() < endsAt);
  }
}
