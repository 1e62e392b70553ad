import { expect, test } from "vitest";
import { FairSlots } from "./fair-slots.ts";

test("so many are under way at a time, and of one function no more than its share", async () => {
  const slots = new FairSlots(4, 3);
  expect([slots.take("a"), slots.take("a"), slots.take("a")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  const fourth = slots.take("a");
  expect(fourth).toBeInstanceOf(Promise);
  expect(slots.take("b")).toBeUndefined();
  const other = slots.take("b");
  expect(other).toBeInstanceOf(Promise);
  slots.free("b");
  await other;
  slots.free("a");
  await fourth;
});

test("those that wait have their turn one function after the other", async () => {
  const slots = new FairSlots(1, 1);
  const turns: string[] = [];
  await slots.take("first");
  const wait = async (name: string): Promise<void> => {
    await slots.take(name);
    turns.push(name);
    slots.free(name);
  };
  const all = ["a", "a", "a", "b", "c"].map(wait);
  slots.free("first");
  await Promise.all(all);
  expect(turns).toEqual(["a", "b", "c", "a", "a"]);
});
