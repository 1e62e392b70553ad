import type { KeyValueStore } from "@anywire/core";
import { createMemoryKeyValue } from "@anywire/engines/memory";
import type { SourceKeyValue } from "@anywire/engines/sqlite";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { copyKeyValues } from "./migrate-key-values.ts";

let target: KeyValueStore;

beforeEach(async () => {
  vi.useFakeTimers();
  target = createMemoryKeyValue();
  await target.start();
});

afterEach(async () => {
  await target.close();
  vi.useRealTimers();
});

function sourceOf(items: readonly SourceKeyValue[]) {
  return {
    list: (after: string, limit: number) => items.filter(({ key }) => key > after).slice(0, limit),
    get: (key: string) => items.find((item) => item.key === key),
  };
}

async function inTarget(): Promise<[string, string][]> {
  const { items } = await target.list({ prefix: "", limit: 1_000 });
  return items.map(({ key, value }) => [key, value]);
}

test("keys are copied, over all pages", async () => {
  const items = Array.from({ length: 450 }, (_, i) => {
    return { key: `k-${String(i).padStart(3, "0")}`, value: `v-${i}`, expiresAt: null };
  });
  const told: number[] = [];
  const copied = await copyKeyValues(sourceOf(items), target, (keys) => void told.push(keys));
  expect(copied).toEqual({ keys: 450, missing: 0 });
  expect(await inTarget()).toEqual(items.map(({ key, value }) => [key, value]));
  expect(told).toEqual([200, 400, 450, 450]);
});

test("a key lives on for as long as it had to go", async () => {
  const items = [
    { key: "a lease", value: "node", expiresAt: Date.now() + 5_000 },
    { key: "over", value: "v", expiresAt: Date.now() - 1 },
    { key: "very long", value: "v", expiresAt: Date.now() + 10 * 31_536_000_000 },
  ];
  await copyKeyValues(sourceOf(items), target, () => {});
  await vi.advanceTimersByTimeAsync(4_000);
  expect((await inTarget()).map(([key]) => key)).toEqual(["a lease", "very long"]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect((await inTarget()).map(([key]) => key)).toEqual(["very long"]);
});

test("what an earlier attempt copied and was changed since is as it is now, and what is gone goes", async () => {
  await target.set("changed", "old");
  await target.set("gone", "old");
  const items = [{ key: "changed", value: "new", expiresAt: null }];
  await copyKeyValues(sourceOf(items), target, () => {});
  expect(await inTarget()).toEqual([["changed", "new"]]);
});

test("a key that does not arrive is missed", async () => {
  const items = ["a", "b"].map((key) => ({ key, value: "v", expiresAt: null }));
  const { set } = target;
  target.set = async (key, ...rest) => (key === "a" ? 1 : await set.call(target, key, ...rest));
  expect(await copyKeyValues(sourceOf(items), target, () => {})).toEqual({ keys: 2, missing: 1 });
});
