import { expect, test } from "vitest";
import { TestKeyValue } from "./test-key-value.ts";

test("what is set is read, with a revision that changes with every write", async () => {
  const kv = new TestKeyValue(() => 0, { given: [1] });
  expect(await kv.get("given")).toEqual([1]);
  expect(await kv.get("none")).toBeUndefined();
  expect(await kv.read("none")).toBeUndefined();
  const first = await kv.read("given");
  await kv.set("given", null);
  const second = await kv.read("given");
  expect(second?.value).toBeNull();
  expect(second?.revision).toBeGreaterThan(first?.revision ?? 0);
  await kv.delete("given");
  expect(kv.values()).toEqual({});
});

test("a value is what it was when it was set", async () => {
  const kv = new TestKeyValue(() => 0);
  const value = { a: 1 };
  await kv.set("k", value);
  value.a = 2;
  expect(await kv.get("k")).toEqual({ a: 1 });
});

test("what has a TTL is gone when the clock says so, and another write takes it off", async () => {
  let now = 0;
  const kv = new TestKeyValue(() => now);
  await kv.set("a", 1, { ttlMs: 100 });
  await kv.set("b", 1, { ttlMs: 100 });
  await kv.set("b", 2);
  now = 99;
  expect(await kv.list()).toEqual(["a", "b"]);
  now = 100;
  expect([await kv.get("a"), await kv.get("b")]).toEqual([undefined, 2]);
  expect(await kv.compareAndSet("a", 0, 3)).toBe(true);
});

test("keys are listed in their order as UTF-8, by prefix, after one, so many", async () => {
  const kv = new TestKeyValue(() => 0);
  const keys = ["\u{1f54a}", "\uffff", "é", "b", "10", "9", "a.b", "a"];
  for (const key of keys) await kv.set(key, 0);
  expect(await kv.list()).toEqual(keys.toReversed().sort((a, b) => bytes(a).compare(bytes(b))));
  expect(await kv.list({ prefix: "a" })).toEqual(["a", "a.b"]);
  expect(await kv.list({ after: "9", limit: 2 })).toEqual(["a", "a.b"]);
});

test("a counter begins at 0, and its TTL with the first addition", async () => {
  let now = 0;
  const kv = new TestKeyValue(() => now);
  expect(await kv.increment("n", 5, { ttlMs: 100 })).toBe(5);
  now = 50;
  expect(await kv.increment("n", -7, { ttlMs: 100 })).toBe(-2);
  now = 100;
  expect(await kv.increment("n")).toBe(1);
  await kv.set("text", "x");
  await expect(kv.increment("text")).rejects.toMatchObject({ code: "bad_request" });
  await kv.set("n", Number.MAX_SAFE_INTEGER);
  await expect(kv.increment("n")).rejects.toThrow("too large to be exact");
});

test("compare-and-set writes only at the revision it is given", async () => {
  const kv = new TestKeyValue(() => 0);
  expect(await kv.compareAndSet("k", 1, "a")).toBe(false);
  expect(await kv.compareAndSet("k", 0, "a")).toBe(true);
  expect(await kv.compareAndSet("k", 0, "b")).toBe(false);
  const { revision = -1 } = (await kv.read("k")) ?? {};
  expect(await kv.compareAndSet("k", revision, "b")).toBe(true);
  expect(await kv.get("k")).toBe("b");
});

test("the bounds are those of a server", async () => {
  const kv = new TestKeyValue(() => 0);
  await expect(kv.set("k".repeat(257), 1)).rejects.toMatchObject({ code: "bad_request" });
  await expect(kv.set("k", "x".repeat(65_535))).rejects.toMatchObject({ code: "too_large" });
  await expect(kv.set("k", 1, { ttlMs: 0 })).rejects.toMatchObject({ code: "bad_request" });
  await expect(kv.get("")).rejects.toMatchObject({ code: "bad_request" });
  await expect(kv.compareAndSet("k", -1, 1)).rejects.toMatchObject({ code: "bad_request" });
});

function bytes(text: string): Buffer {
  return Buffer.from(text);
}
