import { expect, it } from "vitest";
import { ReadLane } from "./read-lane.ts";

it("runs one read at a time, in order, also after one that failed", async () => {
  const lane = new ReadLane(() => true);
  const steps: string[] = [];
  const read = (name: string) => async () => {
    steps.push(`${name} begins`);
    await Promise.resolve();
    steps.push(`${name} ends`);
    if (name === "second") throw new Error("no");
    return name;
  };
  const results = await Promise.allSettled(
    ["first", "second", "third"].map((name) => lane.run(read(name))),
  );
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(steps).toEqual(
    ["first", "second", "third"].flatMap((name) => [`${name} begins`, `${name} ends`]),
  );
});

it("begins no read while there is no room, and goes on when woken", async () => {
  let hasRoom = true;
  let begun = 0;
  const lane = new ReadLane(() => hasRoom);
  const read = async () => {
    begun += 1;
    hasRoom = false;
  };
  const first = lane.run(read);
  const second = lane.run(read);
  await first;
  await new Promise(setImmediate);
  expect(begun).toBe(1);
  hasRoom = true;
  lane.wake();
  await second;
  expect(begun).toBe(2);
});
