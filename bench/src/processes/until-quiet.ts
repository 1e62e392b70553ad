import { setTimeout as delay } from "node:timers/promises";
import { cpuSeconds } from "./process-usage.ts";

const LOOK_MS = 250;
const QUIET_SHARE = 0.03;
const LOOKS = 240;

/**
 * Resolves when the processes have done all that they had to do.
 * @throws when they are still at it after a minute.
 */
export async function untilQuiet(pids: readonly number[]): Promise<void> {
  const used = (): number => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  for (let look = 0; look < LOOKS; look += 1) {
    const before = used();
    await delay(LOOK_MS);
    if (used() - before < (LOOK_MS / 1000) * QUIET_SHARE * pids.length) return;
  }
  throw new Error("the servers do not come to rest");
}
