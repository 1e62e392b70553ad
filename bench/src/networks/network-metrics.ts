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
 * Waits until so many messages were handled, but not beyond a time by `performance.now()`; gives what became of them.
 * @throws when one could not be handled, or more were than there are.
 */
export async function untilHandled(
  server: PeerServer,
  wanted: number,
  atMost: number,
): Promise<HandledMessages> {
  for (;;) {
    const handled = await readHandled(server);
    const { stored, duplicates, failed } = handled;
    if (failed > 0 || stored + duplicates > wanted) {
      throw new Error(`of ${wanted} webhooks became ${JSON.stringify(handled)}`);
    }
    if (stored + duplicates === wanted || performance.now() > atMost) return handled;
    await delay(LOOK_MS);
  }
}

/**
 * Looks at a count four times a second until it is as large as is waited for.
 * @throws when it is larger, or does not grow for half a minute.
 */
export async function untilCount(
  what: string,
  wanted: number,
  read: () => Promise<number>,
): Promise<void> {
  let count = await read();
  for (let looks = 0; count < wanted && looks < STUCK_LOOKS; looks += 1) {
    await delay(LOOK_MS);
    const before = count;
    count = await read();
    if (count > before) looks = 0;
  }
  if (count !== wanted) throw new Error(`${count} ${what}, and not ${wanted}`);
}
