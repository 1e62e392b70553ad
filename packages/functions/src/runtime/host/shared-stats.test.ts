import type { KeyValueStore } from "@anywire/core";
import { createMemoryKeyValue } from "@anywire/engines/memory";
import { beforeEach, expect, test } from "vitest";
import type { RunReport } from "../run.ts";
import { SharedStats } from "./shared-stats.ts";

let kv: KeyValueStore;

beforeEach(async () => {
  kv = createMemoryKeyValue();
  await kv.start();
});

const report = (durationMs: number, rest: Partial<RunReport> = {}): RunReport => ({
  ...{ durationMs, queuedMs: 0, lines: [], effects: [], result: { type: "ok" } },
  ...rest,
});

test("what nodes counted is added up, the newest error is the last one", async () => {
  const [one, other] = [new SharedStats(kv), new SharedStats(kv)];
  one.of("a").count(report(1, { error: { failure: "threw", message: "old", stack: "at" } }), 1, 10);
  other.of("a").count(report(100, { error: { failure: "late", message: "new" } }), 2, 20);
  other.of("a").countDifference();
  other.of("b").count(report(5), 1, 30);
  await one.tell();
  expect((await one.sum()).get("a")?.toStats().runs).toBe(1);
  await other.tell();
  const sums = await one.sum();
  expect(sums.get("a")?.toStats()).toMatchObject({
    ...{ runs: 2, errors: 2, retries: 1, differences: 1, lastRunAt: 20 },
    lastError: { failure: "late", message: "new", at: 20 },
  });
  expect(sums.get("a")?.toStats().p99Ms).toBeGreaterThan(95);
  expect(sums.get("b")?.toStats().runs).toBe(1);
  await other.close();
  expect((await one.sum()).get("a")?.toStats().runs).toBe(1);
});

test("a thousand functions with long errors are told in pieces", async () => {
  const [one, other] = [new SharedStats(kv), new SharedStats(kv)];
  const error = { failure: "threw" as const, message: "x".repeat(5_000), stack: "y".repeat(5_000) };
  for (let i = 0; i < 1_000; i += 1) one.of(`f${i}`).count(report(i, { error }), 1, i);
  await one.tell();
  const sums = await other.sum();
  expect(sums.size).toBe(1_000);
  expect(sums.get("f7")?.toStats().lastError?.stack?.length).toBe(1_000);
  await one.close();
  expect((await kv.list({ prefix: "functions.", limit: 10 })).items).toEqual([]);
});

test("what another version told otherwise is left out", async () => {
  await kv.set("functions.stats.other.0", '{"a":{"runs":"many"}}');
  expect((await new SharedStats(kv).sum()).size).toBe(0);
});
