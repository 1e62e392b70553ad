import { expect, it } from "vitest";
import { mapLimit } from "./map-limit.ts";

it("maps a few at a time, and keeps the order whichever is done first", async () => {
  let running = 0;
  let most = 0;
  const results = await mapLimit([5, 1, 4, 2, 3], 2, async (value) => {
    running += 1;
    most = Math.max(most, running);
    for (let i = 0; i < value; i += 1) await undefined;
    running -= 1;
    return value * 10;
  });
  expect(results).toEqual([50, 10, 40, 20, 30]);
  expect(most).toBe(2);
});

it("rejects with the first failure, and begins with nothing more", async () => {
  const begun: number[] = [];
  const mapping = mapLimit([1, 2, 3, 4, 5], 2, async (value) => {
    begun.push(value);
    await undefined;
    if (value === 2) throw new Error("two");
  });
  await expect(mapping).rejects.toThrow("two");
  await new Promise(setImmediate);
  expect(begun.length).toBeLessThan(5);
});
