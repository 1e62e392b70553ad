import type { StateLag } from "@anywire/core";
import { expect, test } from "vitest";
import { createMetrics } from "./metrics.ts";
import { observeProjector } from "./observe-projector.ts";

/** The lines that say a value. */
async function rendered(lag: StateLag | undefined): Promise<string[]> {
  const metrics = createMetrics();
  observeProjector(metrics, { lag: () => lag });
  return (await metrics.render()).split("\n").filter((line) => line.startsWith("anywire_"));
}

test("how far the state trails is told by the process that projects, and by no other", async () => {
  expect(await rendered({ entries: 25, ageMs: 1_500 })).toEqual([
    "anywire_state_lag_entries 25",
    "anywire_state_lag_seconds 1.5",
  ]);
  expect(await rendered(undefined)).toEqual([]);
});

test("a projector that has not found the state yet says how long that takes", async () => {
  expect(await rendered({ entries: undefined, ageMs: 7_000 })).toEqual([
    "anywire_state_lag_seconds 7",
  ]);
});
