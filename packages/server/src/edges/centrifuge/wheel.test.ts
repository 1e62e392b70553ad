import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { Wheel } from "./wheel.ts";

const STEP_MS = 250;
const wheels: Wheel[] = [];

afterEach(() => {
  for (const wheel of wheels.splice(0)) wheel.close();
});

/** A wheel that turns when a test says so, on a clock that a test moves. */
function setUp(start = 0) {
  let now = start;
  const wheel = new Wheel(() => now);
  wheels.push(wheel);
  const woken: { name: string; at: number }[] = [];
  const item = (name: string, next: (now: number) => number = () => 0) => ({
    wake: (at: number) => {
      woken.push({ name, at });
      return next(at);
    },
  });
  const turnAt = (at: number) => {
    now = at;
    wheel.turn();
  };
  return { wheel, woken, item, turnAt };
}

test("each is woken once, never early, by the first turn after its step is over", () => {
  const times = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 30 });
  const phase = fc.nat({ max: STEP_MS - 1 });
  fc.assert(
    fc.property(fc.nat({ max: 1000 }), phase, times, (start, offset, dues) => {
      const { wheel, woken, item, turnAt } = setUp(start);
      for (const [i, due] of dues.entries()) wheel.schedule(start + due, item(String(i)));
      for (let at = start + offset; at < start + 21_000; at += STEP_MS) turnAt(at);
      expect(woken.map(({ name }) => Number(name)).sort((a, b) => a - b)).toEqual([...dues.keys()]);
      for (const { name, at } of woken) {
        const late = at - (start + (dues[Number(name)] ?? 0));
        expect(late).toBeGreaterThanOrEqual(0);
        expect(late).toBeLessThan(2 * STEP_MS);
      }
    }),
  );
});

test("when the wheel turns at every step, each is woken at the end of the step that it is due in", () => {
  // The wheel began with the step it was made in as if that were over: what was due in it came a step late.
  const { wheel, woken, item, turnAt } = setUp(100);
  for (const due of [100, 249, 250, 251, 1000]) wheel.schedule(due, item(String(due)));
  for (let at = 250; at <= 1000; at += STEP_MS) turnAt(at);
  expect(woken).toEqual([
    { name: "100", at: 250 },
    { name: "249", at: 250 },
    { name: "250", at: 250 },
    { name: "251", at: 500 },
    { name: "1000", at: 1000 },
  ]);
});

test("what asks to be woken again is, at the time it says", () => {
  const { wheel, woken, item, turnAt } = setUp();
  wheel.schedule(
    500,
    item("a", (now) => (now < 2000 ? now + 500 : 0)),
  );
  for (let at = 250; at <= 5000; at += STEP_MS) turnAt(at);
  expect(woken.map(({ at }) => at)).toEqual([500, 1000, 1500, 2000]);
});

test("what is scheduled from within a wake, itself included, waits for a later turn", () => {
  const { wheel, woken, item, turnAt } = setUp();
  const b = item("b");
  wheel.schedule(
    250,
    item("a", (now) => {
      wheel.schedule(now, b);
      wheel.schedule(0, b);
      return 0;
    }),
  );
  turnAt(250);
  expect(woken.map(({ name }) => name)).toEqual(["a"]);
  turnAt(500);
  expect(woken.map(({ name }) => name)).toEqual(["a", "b", "b"]);
});

test("a wheel that stood still wakes all that became due meanwhile, in their order, once", () => {
  const { wheel, woken, item, turnAt } = setUp();
  for (const due of [3000, 1000, 60_000, 2000]) wheel.schedule(due, item(String(due)));
  turnAt(10_000);
  turnAt(10_000);
  expect(woken.map(({ name }) => name)).toEqual(["1000", "2000", "3000"]);
  wheel.schedule(500, item("past"));
  turnAt(10_250);
  expect(woken.at(-1)).toEqual({ name: "past", at: 10_250 });
});

test("what asks for the next moment is woken once by a wheel that stood still", () => {
  const { wheel, woken, item, turnAt } = setUp();
  wheel.schedule(
    250,
    item("a", (now) => now + 1),
  );
  turnAt(100_000);
  expect(woken.length).toBe(1);
});

test("one that is scheduled twice is woken twice: it has to know itself when it is due", () => {
  const { wheel, woken, item, turnAt } = setUp();
  const a = item("a");
  wheel.schedule(250, a);
  wheel.schedule(500, a);
  turnAt(250);
  turnAt(500);
  expect(woken.map(({ at }) => at)).toEqual([250, 500]);
});

test("a closed wheel wakes nobody", () => {
  const { wheel, woken, item, turnAt } = setUp();
  wheel.schedule(250, item("a"));
  wheel.close();
  turnAt(1000);
  expect(woken).toEqual([]);
});
