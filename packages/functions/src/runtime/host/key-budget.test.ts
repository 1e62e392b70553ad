import type { KeyValueStore } from "@anywire/core";
import { createMemoryKeyValue } from "@anywire/engines/memory";
import { beforeEach, expect, test } from "vitest";
import { KeyBudget } from "./key-budget.ts";

let kv: KeyValueStore;
let now: number;
let lists: number;
let budget: KeyBudget;

beforeEach(async () => {
  kv = createMemoryKeyValue();
  await kv.start();
  [now, lists] = [0, 0];
  budget = new KeyBudget({
    prefix: "fn.p.",
    maxKeys: 3,
    now: () => now,
    kv: {
      get: (key) => kv.get(key),
      list: (query) => {
        lists += 1;
        return kv.list(query);
      },
    },
  });
});

async function write(key: string): Promise<void> {
  await budget.take(`fn.p.${key}`);
  await kv.set(`fn.p.${key}`, "1");
}

test("new keys beyond the last one are refused, others are written again", async () => {
  await kv.set("fn.p.there", "1");
  await kv.set("fn.other.key", "1");
  await write("a");
  await write("a");
  await write("b");
  await expect(write("c")).rejects.toMatchObject({ code: "limit_exceeded" });
  await write("a");
  await write("there");
  await budget.free("fn.p.a");
  await kv.delete("fn.p.a");
  await write("c");
});

test("what others wrote and what faded away is found out within a minute, or before a key is refused", async () => {
  await write("a");
  for (const key of ["b", "c"]) await kv.set(`fn.p.${key}`, "1");
  expect(lists).toBe(1);
  now = 60_000;
  await write("a");
  await expect(write("d")).rejects.toMatchObject({ code: "limit_exceeded" });
  await kv.delete("fn.p.b");
  await budget.free("fn.p.c");
  await write("d");
  expect(lists).toBe(3);
});

test("writing a key again and again lists nothing", async () => {
  await write("a");
  for (let i = 0; i < 100; i += 1) await write("a");
  expect(lists).toBe(1);
});

test("while keys are counted anew, those that were added before still count", async () => {
  // They were forgotten when the count began: whoever wrote before it had ended kept more than there may be.
  await write("a");
  await write("b");
  now = 60_000;
  const outcomes = await Promise.allSettled(["c", "d", "e", "f"].map(write));
  expect(outcomes.map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "rejected",
    "rejected",
  ]);
});
