import { expect, test } from "vitest";
import { createTestContext, type TestContextOptions } from "../../author/testing/test-context.ts";
import { runAsCurrent } from "../current-run.ts";
import { kvstore } from "./kvstore.ts";

const MINUTE = 60_000;

/** Does some work in a run, and gives its context. */
async function inRun(work: () => Promise<unknown>, options: TestContextOptions = {}) {
  const context = createTestContext(options);
  await runAsCurrent(context, work);
  return context;
}

test("what is set is got, also by functions that use kv, and null is what there is not", async () => {
  const context = await inRun(async () => {
    await kvstore.set("user:7", { name: "Ann" });
    expect(await kvstore.get("user:7")).toEqual({ name: "Ann" });
    expect(await kvstore.get("user:8")).toBeNull();
    await kvstore.removeItem("user:7");
    expect(await kvstore.get("user:7")).toBeNull();
    await kvstore.set("color", "red");
  });
  expect(context.kept()).toEqual({ color: "red" });
});

test.each([
  [undefined, 1_440],
  [null, 1_440],
  [5, 5],
  [0.1, 1],
  [-7, 1],
  [1_000_000, 525_600],
  [Number.POSITIVE_INFINITY, 525_600],
])("a time to live of %s is %i minutes", async (ttl, minutes) => {
  const context = await inRun(() => kvstore.set("key", 1, ttl));
  context.advance(minutes * MINUTE - 1);
  expect(context.kept()).toEqual({ key: 1 });
  context.advance(1);
  expect(context.kept()).toEqual({});
});

test("a time to live that is no number is refused", async () => {
  await inRun(async () => {
    await expect(kvstore.set("key", 1, "5m" as never)).rejects.toThrow(
      "kvstore.set: the time to live must be a number of minutes",
    );
  });
});

test("items are texts", async () => {
  await inRun(async () => {
    await kvstore.setItem("text", "hello", 30);
    await kvstore.setItem("number", 7 as never);
    await kvstore.set("object", { a: 1 });
    expect(await kvstore.getItem("text")).toBe("hello");
    expect(await kvstore.getItem("number")).toBe("7");
    expect(await kvstore.getItem("object")).toBe('{"a":1}');
    expect(await kvstore.getItem("nothing")).toBeNull();
  });
});

test("counters begin at 0, are apart from values, and do not end with time", async () => {
  const context = await inRun(async () => {
    expect(await kvstore.getCounter("votes")).toBe(0);
    expect(await kvstore.incrCounter("votes")).toBe(1);
    expect(await kvstore.incrCounter("votes", 50)).toBe(51);
    expect(await kvstore.incrCounter("votes", -1)).toBe(50);
    expect(await kvstore.getCounter("votes")).toBe(50);
    expect(await kvstore.get("votes")).toBeNull();
    await kvstore.set("votes", "a value");
    await kvstore.removeItem("votes");
    expect(await kvstore.getCounter("votes")).toBe(50);
  });
  context.advance(400 * 1_440 * MINUTE);
  expect(context.kept()).toEqual({ "pubnub-counter:votes": 50 });
});

test("a value cannot take a counter's place", async () => {
  const context = await inRun(async () => {
    await expect(kvstore.set("pubnub-counter:votes", 7)).rejects.toThrow(
      "keys that begin with pubnub-counter: are counters'",
    );
  });
  expect(context.kept()).toEqual({});
});

test("keys are an array and have a next page; counters are not among them, and have a list of their own", async () => {
  const values = Array.from({ length: 150 }, (_, i) => [`value:${String(i).padStart(3, "0")}`, i]);
  const counters = Array.from({ length: 130 }, (_, i) => [`pubnub-counter:c${1000 + i}`, i]);
  const kv = Object.fromEntries([["a", 1], ...counters, ...values]);
  await inRun(
    async () => {
      const first = await kvstore.getKeys();
      expect([first.length, first[0], first.keys.length, first.next]).toEqual([
        100,
        "a",
        100,
        "value:098",
      ]);
      const second = await kvstore.getKeys(first.next);
      expect([...second]).toEqual(values.slice(99).map(([key]) => key));
      expect(second.next).toBeNull();
      const some = await kvstore.getCounterKeys();
      expect([some.length, some[0], some.next]).toEqual([100, "c1000", "c1099"]);
      expect([...(await kvstore.getCounterKeys(some.next))]).toHaveLength(30);
    },
    { kv },
  );
});

test("without keys the page is empty", async () => {
  await inRun(async () => {
    expect([...(await kvstore.getKeys())]).toEqual([]);
    expect((await kvstore.getCounterKeys()).next).toBeNull();
  });
});

test("the bounds are those of kv", async () => {
  await inRun(async () => {
    await expect(kvstore.set("x".repeat(257), 1)).rejects.toMatchObject({ code: "bad_request" });
    await expect(kvstore.incrCounter("votes", 0.5)).rejects.toMatchObject({ code: "bad_request" });
  });
});

test("outside of a run it rejects", async () => {
  await expect(kvstore.get("key")).rejects.toThrow("outside of a run");
  await expect(kvstore.getKeys()).rejects.toThrow("outside of a run");
});
