import fc from "fast-check";
import { expect, test } from "vitest";
import { DeliveryQueue, type QueuedDelivery } from "./delivery-queue.ts";
import { WaitHeap } from "./wait-heap.ts";

const item = (channel: string, n: number, more: Partial<QueuedDelivery> = {}): QueuedDelivery => ({
  id: `${channel}-${n}`,
  channel,
  sort: String(n).padStart(8, "0"),
  message: `m${n}`,
  participant: "contact:c",
  to: "phone:+1",
  dueAt: 0,
  expiresAt: 1_000_000,
  createdAt: 0,
  atLeast: 0,
  ...more,
});

test("channels take turns, and each keeps its order", () => {
  const queue = new DeliveryQueue();
  for (let n = 0; n < 3; n += 1) queue.add(item("a", n), 0);
  queue.add(item("b", 0), 0);
  queue.add(item("c", 0), 0);
  const taken: string[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) {
    taken.push(next.id);
    queue.release(next, 0);
  }
  expect(taken).toEqual(["a-0", "b-0", "c-0", "a-1", "a-2"]);
});

test("one of a channel is worked at a time", () => {
  const queue = new DeliveryQueue();
  queue.add(item("a", 0), 0);
  queue.add(item("a", 1), 0);
  expect(queue.take()?.id).toBe("a-0");
  expect(queue.take()).toBeUndefined();
  queue.release({ channel: "a", id: "a-0" }, 0);
  expect(queue.take()?.id).toBe("a-1");
});

test("one that waits holds back its channel until it is due, has run out, or was taken out", () => {
  const queue = new DeliveryQueue();
  queue.add(item("a", 0, { dueAt: 100 }), 0);
  queue.add(item("a", 1), 0);
  queue.add(item("b", 0, { dueAt: 500, expiresAt: 50 }), 0);
  expect(queue.peek(0)).toBeUndefined();
  expect(queue.nextAt()).toBe(50);
  expect(queue.peek(50)?.id).toBe("b-0");
  expect(queue.takeExpired(50)?.id).toBe("b-0");
  expect(queue.nextAt()).toBe(100);
  expect(queue.remove("a", "a-0", 60)).toBe(true);
  expect(queue.peek(60)?.id).toBe("a-1");
});

test("a channel that is held goes on when its time has come, or what held it has changed", () => {
  const queue = new DeliveryQueue();
  queue.add(item("a", 0), 0);
  queue.add(item("b", 0), 0);
  queue.hold(1_000, 0);
  expect(queue.peek(0)?.id).toBe("b-0");
  queue.hold(2_000, 0);
  expect(queue.peek(999)).toBeUndefined();
  expect(queue.peek(1_000)?.id).toBe("a-0");
  queue.unhold(1_000);
  queue.take();
  expect(queue.peek(1_000)?.id).toBe("b-0");
});

test("a channel goes on when the one that holds it back lets go, and for no other one's sake", () => {
  const queue = new DeliveryQueue();
  for (const n of [0, 1]) queue.add(item("a", n), 0);
  queue.occupy({ channel: "a", id: "gone" }, 0);
  queue.release({ channel: "a", id: "a-1" }, 0);
  expect(queue.peek(0)).toBeUndefined();
  queue.release({ channel: "a", id: "gone" }, 0);
  const first = queue.take();
  expect(first).toMatchObject({ id: "a-0" });
  expect(queue.isHolding({ channel: "a", id: "a-0" })).toBe(true);
  // Let go twice, as by a receipt and then by the answer, the next one holds it as before.
  queue.release({ channel: "a", id: "a-0" }, 0);
  expect(queue.take()).toMatchObject({ id: "a-1" });
  queue.release({ channel: "a", id: "a-0" }, 0);
  expect(queue.isHolding({ channel: "a", id: "a-1" })).toBe(true);
});

/** Somebody who works a queue off, and sees whether it keeps its word. */
class Work {
  readonly queue = new DeliveryQueue();
  readonly done: string[] = [];
  readonly #busy: QueuedDelivery[] = [];
  added = 0;
  now = 0;

  add(channel: string, waitMs: number): void {
    this.queue.add(item(channel, this.added, { dueAt: this.now + waitMs }), this.now);
    this.added += 1;
  }

  take(): void {
    const next = this.queue.peek(this.now) && this.queue.take();
    if (next === undefined) return;
    expect(next.dueAt).toBeLessThanOrEqual(this.now);
    expect(this.#busy.map(({ channel }) => channel)).not.toContain(next.channel);
    this.#busy.push(next);
  }

  release(waitsAgain: boolean): void {
    const one = this.#busy.shift();
    if (one === undefined) return;
    if (!waitsAgain) this.done.push(one.id);
    const again = waitsAgain ? { ...one, dueAt: this.now + 5 } : undefined;
    this.queue.release(one, this.now, again);
  }

  hold(): void {
    if (this.queue.peek(this.now) !== undefined) this.queue.hold(this.now + 3, this.now);
  }

  finish(): void {
    for (let turn = 0; turn < 500 && this.done.length < this.added; turn += 1) {
      this.now += 10;
      this.take();
      this.release(false);
    }
  }
}

const DO: Readonly<Record<string, (work: Work) => void>> = {
  "add to a": (work) => work.add("a", 0),
  "add to b": (work) => work.add("b", 0),
  "add to a later": (work) => work.add("a", 15),
  take: (work) => work.take(),
  hold: (work) => work.hold(),
  release: (work) => work.release(false),
  "release to wait": (work) => work.release(true),
  "let time pass": (work) => {
    work.now += 4;
  },
};

test("whatever is done to it, what is added is taken once, in the order of its channel, and nothing is lost", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...Object.keys(DO)), { maxLength: 80 }), (steps) => {
      const work = new Work();
      for (const step of steps) DO[step]?.(work);
      work.finish();
      const { done, added, queue } = work;
      expect(done).toHaveLength(added);
      expect(new Set(done).size).toBe(added);
      for (const channel of ["a", "b"]) {
        const own = done.filter((id) => id.startsWith(channel)).map((id) => Number(id.slice(2)));
        expect(own).toEqual([...own].sort((x, y) => x - y));
      }
      expect(queue.size).toBe(0);
    }),
  );
});

test("what waits comes out by its time", () => {
  fc.assert(
    fc.property(fc.array(fc.nat()), (times) => {
      const heap = new WaitHeap<number>();
      for (const at of times) heap.push(at, at);
      const out: number[] = [];
      for (let next = heap.pop(); next !== undefined; next = heap.pop()) out.push(next.at);
      expect(out).toEqual([...times].sort((a, b) => a - b));
    }),
  );
});
