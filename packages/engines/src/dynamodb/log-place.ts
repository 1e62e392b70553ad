import type { Log, LogEntry } from "@anywire/core";
import { AnywireError } from "@anywire/types";

/** How far something has come in the log, and which entry is there. */
export interface LogPlace {
  /** Offset of the entry; `0` before the first. */
  readonly position: number;
  /** Tells the entry from others that might take its offset; undefined when nobody wrote it down. */
  readonly mark: string | undefined;
}

/** What an entry is known by, beside its offset. */
export function markOf({ timetoken, id }: LogEntry): string {
  return `${timetoken} ${id}`;
}

/** Whether the log has the entry of a place. */
export async function isInLog(log: Pick<Log, "read">, place: LogPlace): Promise<boolean> {
  return (await faultOf(log, place)) === undefined;
}

/**
 * Makes sure that what comes after a place follows from what came before it.
 * @throws {AnywireError} `storage_damaged` when the log ends before the place, or has another entry there
 */
export async function assertInLog(log: Pick<Log, "read">, place: LogPlace): Promise<void> {
  const fault = await faultOf(log, place);
  if (fault === undefined) return;
  throw new AnywireError(
    "storage_damaged",
    `${fault}: entries were lost, or another log was restored. Stop all processes, run \`anywire rebuild state\`, and start them again`,
  );
}

async function faultOf(
  log: Pick<Log, "read">,
  { position, mark }: LogPlace,
): Promise<string | undefined> {
  if (position === 0) return undefined;
  const range = { pattern: ">", after: position - 1, before: position + 1 } as const;
  const [entry] = (await log.read({ ...range, limit: 1, order: "asc" })).entries;
  if (entry === undefined) return `the state is at entry ${position}, which the log does not have`;
  if (mark === undefined || mark === markOf(entry)) return undefined;
  return `entry ${position} of the log is another one than the state has`;
}
