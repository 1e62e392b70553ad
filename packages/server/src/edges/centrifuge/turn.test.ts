import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { Turn } from "./turn.ts";

function setUp() {
  const written: string[] = [];
  const turn = new Turn(() => written.push("end"));
  const connection = (name: string, then = () => {}) => ({
    flush: () => {
      written.push(name);
      then();
    },
  });
  return { written, turn, connection };
}

test("everyone writes at the end of the turn, in the order of asking, and then the turn is over", async () => {
  const { written, turn, connection } = setUp();
  turn.add(connection("a"));
  await Promise.resolve();
  turn.add(connection("b"));
  expect(written).toEqual([]);
  await setImmediate();
  expect(written).toEqual(["a", "b", "end"]);
});

test("what comes up while others write belongs to the next turn", async () => {
  const { written, turn, connection } = setUp();
  turn.add(connection("a", () => turn.add(connection("c"))));
  turn.add(connection("b"));
  await setImmediate();
  expect(written).toEqual(["a", "b", "end"]);
  await setImmediate();
  expect(written).toEqual(["a", "b", "end", "c", "end"]);
});

test("a turn in which nobody asked does nothing", async () => {
  const { written, turn, connection } = setUp();
  turn.add(connection("a"));
  await setImmediate();
  await setImmediate();
  expect(written).toEqual(["a", "end"]);
});
