import { expect, it } from "vitest";
import { TurnQueue } from "./turn-queue.ts";

const LONG_MS = 60_000;

/** Notes in which order turns begin. */
function begun(queue: TurnQueue, names: readonly string[]): string[] {
  const order: string[] = [];
  for (const name of names) void queue.take(LONG_MS).then(() => order.push(name));
  return order;
}

it("lets so many at a time, and the others in the order in which they came", async () => {
  const queue = new TurnQueue(2);
  const order = begun(queue, ["a", "b", "c", "d", "e"]);
  await new Promise(setImmediate);
  expect(order).toEqual(["a", "b"]);
  queue.end();
  await new Promise(setImmediate);
  expect(order).toEqual(["a", "b", "c"]);
  queue.end();
  queue.end();
  await new Promise(setImmediate);
  expect(order).toEqual(["a", "b", "c", "d", "e"]);
});

it("lets nobody overtake one whose turn is just beginning", async () => {
  const queue = new TurnQueue(1);
  await queue.take(LONG_MS);
  const order = begun(queue, ["waits"]);
  queue.end();
  order.push(...[await queue.take(1)].map(String));
  expect(order).toEqual(["waits", "false"]);
});

it("tells one whose time is over, and gives the turn to the next", async () => {
  const queue = new TurnQueue(1);
  expect(await queue.take(1)).toBe(true);
  expect(await queue.take(1)).toBe(false);
  const next = queue.take(LONG_MS);
  queue.end();
  expect(await next).toBe(true);
  queue.end();
  expect(await queue.take(1)).toBe(true);
});
