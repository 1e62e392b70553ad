import fc from "fast-check";
import { expect, test } from "vitest";
import { DeadlineWheel } from "./deadline-wheel.ts";

const STEP_MS = 8;

/** A wheel, and the same said as plainly as can be. */
class Watch {
  readonly #wheel = new DeadlineWheel<number>();
  readonly #open = new Map<number, number>();
  #now = 1_000_000;
  #last = 0;

  add(inMs: number): void {
    this.#last += 1;
    this.#open.set(this.#last, this.#now + inMs);
    this.#wheel.add(this.#last, this.#now + inMs);
  }

  takeOut(which: number): void {
    const [item, dueAt] = [...this.#open][which % Math.max(1, this.#open.size)] ?? [];
    if (item === undefined || dueAt === undefined) return;
    this.#wheel.delete(item, dueAt);
    this.#open.delete(item);
  }

  wait(ms: number): void {
    this.#now += ms;
    for (const item of this.#wheel.takeDue(this.#now)) {
      expect(this.#open.get(item)).toBeLessThanOrEqual(this.#now);
      this.#open.delete(item);
    }
    for (const dueAt of this.#open.values()) expect(dueAt + STEP_MS).toBeGreaterThan(this.#now);
  }
}

test("each item is found once, when its deadline has come and not more than a step later, unless it was taken out", () => {
  const move = fc.oneof(
    fc.integer({ min: -50, max: 2_000 }).map((inMs) => (watch: Watch) => watch.add(inMs)),
    fc.nat(100).map((which) => (watch: Watch) => watch.takeOut(which)),
    fc.integer({ min: 0, max: 500 }).map((ms) => (watch: Watch) => watch.wait(ms)),
  );
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
      const watch = new Watch();
      for (const each of moves) each(watch);
    }),
  );
});
