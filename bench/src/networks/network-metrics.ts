import { setTimeout as delay } from "node:timers/promises";
import type { PeerServer } from "../peers/peer.ts";

const LOOK_MS = 250;
const STUCK_LOOKS = 120;

/** The values of a metric that has one label, by that label. */
export async function readCounts(
  { port }: PeerServer,
  name: string,
): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  if (!answer.ok) throw new Error(`/metrics answered ${answer.status}`);
  const line = new RegExp(`^${name}\\{\\w+="([^"]*)"\\} (\\S+)$`, "gm");
  const found = (await answer.text()).matchAll(line);
  return new Map(Array.from(found, ([, label = "", value]) => [label, Number(value)] as const));
}

/** What became of messages that a network told. */
export interface HandledMessages {
  /** On a channel now. */
  readonly stored: number;
  /** Came once more, and changed nothing. */
  readonly duplicates: number;
  readonly failed: number;
}

/** What became of messages so far. */
export async function readHandled(server: PeerServer): Promise<HandledMessages> {
  const counts = await readCounts(server, "anywire_inbound_events_total");
  return {
    stored: counts.get("message:done") ?? 0,
    duplicates: counts.get("message:duplicate") ?? 0,
    failed: counts.get("message:failed") ?? 0,
  };
}

/**
 * Looks at a count four times a second until it is as large as is waited for; gives when that was, by `performance.now()`.
 * @throws when it is larger, or does not grow for half a minute.
 */
export async function untilCount(
  what: string,
  wanted: number,
  read: () => Promise<number>,
): Promise<number> {
  let count = await read();
  for (let looks = 0; count < wanted && looks < STUCK_LOOKS; looks += 1) {
    await delay(LOOK_MS);
    const before = count;
    count = await read();
    if (count > before) looks = 0;
  }
  if (count !== wanted) throw new Error(`${count} ${what}, and not ${wanted}`);
  return performance.now();
}
