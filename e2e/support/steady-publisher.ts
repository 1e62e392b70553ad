import { setTimeout as pause } from "node:timers/promises";
import type { EntriesPage } from "@anywire/types";
import { expect } from "vitest";
import { callHttp, say } from "./http-call.ts";
import type { Reachable } from "./sdk-client.ts";

const PAUSE_MS = 10;

/** Somebody who says one thing after the other while others misbehave. */
export interface SteadyPublisher {
  /** Asserts that more is said, and that all so far was answered well. */
  assertGoesOn(): Promise<void>;
  /** Says nothing more; resolves with how many there were, and how long the slowest took to be answered. */
  stop(): Promise<{ readonly said: number; readonly slowestMs: number }>;
}

/** Starts to publish on a channel whose function appends `!` to what is said. */
export function startSteadyPublisher(server: Reachable, channel: string): SteadyPublisher {
  let said = 0;
  let slowestMs = 0;
  let isStopped = false;
  const publishing = (async (): Promise<void> => {
    while (!isStopped) {
      const from = performance.now();
      await say(server, channel, String(said));
      said += 1;
      slowestMs = Math.max(slowestMs, Math.round(performance.now() - from));
      await pause(PAUSE_MS);
    }
  })();
  // Whoever asks next is told.
  publishing.catch(() => {});
  return {
    async assertGoesOn() {
      const enough = said + 2;
      while (said < enough) await Promise.race([publishing, pause(PAUSE_MS)]);
    },
    async stop() {
      isStopped = true;
      await publishing;
      expect(await textsOn(server, channel)).toEqual(
        Array.from({ length: said }, (_, i) => `${i}!`),
      );
      return { said, slowestMs };
    },
  };
}

async function textsOn(server: Reachable, channel: string): Promise<string[]> {
  const token = await server.token("reader");
  const texts: string[] = [];
  for (let after: string | undefined = "0"; after !== undefined; ) {
    const path = `/v1/channels/${channel}/entries?limit=1000&after=${after}`;
    const { entries, cursor } = (await callHttp(server, token, "GET", path)).body as EntriesPage;
    texts.push(...entries.map(({ data }) => (data as { text: string }).text));
    after = cursor;
  }
  return texts;
}
