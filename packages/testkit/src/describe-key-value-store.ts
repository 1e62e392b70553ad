import type { KeyValue, KeyValueStore } from "@anywire/core";
import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { keyValueModelRule } from "./key-value-model.ts";
import { createRule, type KnownGap } from "./rule.ts";

/** One backend, empty at the start of each test, that several nodes can join. */
export interface KeyValueBackend {
  /** A new store on this backend, not started. */
  createNode(): KeyValueStore;
  /** Called after each test, once its nodes are closed. */
  dispose?(): Promise<void>;
}

/** How long a test keeps something, ms. */
const TTL_MS = 300;
/** When it must be gone, ms: a second later, and a moment to ask. */
const GONE_MS = TTL_MS + 1_000 + 200;

/** In their order as UTF-8, which is not that of UTF-16. */
const ODD_KEYS = [
  " ",
  "*",
  ".",
  "..",
  "/",
  "=",
  "=2e",
  ">",
  "A b",
  "a",
  "a.",
  "a..b",
  "a.>",
  "a.b",
  "a.b.c",
  "a/b\\c?d#e",
  "a\n\r\t",
  "a\u{10ffff}",
  "ab",
  "é",
  "\ue000",
  "\ufffd",
  "\u{1f54a}",
].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

/**
 * The contract of `KeyValueStore`, as tests. A driver's test file is one call of this.
 *
 * @example
 * describeKeyValueStore("memory", () => {
 *   const backend = new MemoryKeyValueBackend();
 *   return { createNode: () => createMemoryKeyValue(backend) };
 * });
 */
export function describeKeyValueStore(
  driver: string,
  createBackend: () => KeyValueBackend | Promise<KeyValueBackend>,
  gaps: readonly KnownGap[] = [],
): void {
  const rule = createRule(gaps);
  describe(`KeyValueStore: ${driver}`, () => {
    let backend: KeyValueBackend;
    let a: KeyValueStore;
    let b: KeyValueStore;

    beforeEach(async () => {
      backend = await createBackend();
      a = backend.createNode();
      b = backend.createNode();
      await Promise.all([a.start(), b.start()]);
    });

    afterEach(async () => {
      await Promise.all([a.close(), b.close()]);
      await backend.dispose?.();
    });

    const conflict = { code: "conflict" };

    rule("reads on every node what was written, once the write has resolved", async () => {
      for (let i = 0; i < 20; i += 1) {
        const [writer, reader] = i % 2 === 0 ? [a, b] : [b, a];
        const revision = await writer.set("k", `v-${i}`);
        expect(await reader.get("k")).toEqual({ key: "k", value: `v-${i}`, revision });
      }
      await a.delete("k");
      expect(await b.get("k")).toBeUndefined();
    });

    rule("gives revisions that grow, of a key deleted and written again too", async () => {
      const first = await a.set("k", "same");
      const second = await b.set("k", "same");
      await a.delete("k");
      const third = await b.set("k", "same");
      await a.add("n", 1);
      await a.add("n", 1);
      const [counted] = [await b.get("n")];
      expect(first).toBeGreaterThan(0);
      expect(second).toBeGreaterThan(first);
      expect(third).toBeGreaterThan(second);
      expect(counted?.revision).toBeGreaterThan(third);
    });

    rule("writes at a revision only while the key is at it", async () => {
      const revision = await a.set("k", "1");
      const next = await b.set("k", "2", { revision });
      await expect(a.set("k", "3", { revision })).rejects.toMatchObject(conflict);
      await expect(a.set("k", "3", { revision: next + 1_000 })).rejects.toMatchObject(conflict);
      await expect(a.set("none", "3", { revision })).rejects.toMatchObject(conflict);
      await a.add("n", 1);
      const counted = (await b.get("n"))?.revision ?? 0;
      await b.add("n", 1);
      await expect(a.set("n", "9", { revision: counted })).rejects.toMatchObject(conflict);
      expect(await b.get("k")).toMatchObject({ value: "2", revision: next });
      expect(await b.get("none")).toBeUndefined();
    });

    rule("refuses a revision from before a deletion", async () => {
      const revision = await a.set("k", "1");
      await b.delete("k");
      await expect(a.set("k", "2", { revision })).rejects.toMatchObject(conflict);
      await b.set("k", "1");
      await expect(a.set("k", "2", { revision })).rejects.toMatchObject(conflict);
    });

    rule("writes at revision 0 only when there is none, which a deletion makes", async () => {
      await a.set("k", "1", { revision: 0 });
      await expect(b.set("k", "2", { revision: 0 })).rejects.toMatchObject(conflict);
      await a.delete("k");
      await b.set("k", "3", { revision: 0 });
      expect(await a.get("k")).toMatchObject({ value: "3" });
    });

    rule("lets one of several writes at one revision through", async () => {
      for (let round = 0; round < 5; round += 1) {
        const revision = (await a.get("k"))?.revision ?? 0;
        const attempts = Array.from({ length: 10 }, (_, i) =>
          (i % 2 === 0 ? a : b).set("k", `${round}-${i}`, { revision }),
        );
        const settled = await Promise.allSettled(attempts);
        const winners = settled.flatMap((one, i) => (one.status === "fulfilled" ? [i] : []));
        expect(winners).toHaveLength(1);
        for (const one of settled) {
          if (one.status === "rejected") expect(one.reason).toMatchObject(conflict);
        }
        expect(await b.get("k")).toMatchObject({ value: `${round}-${winners[0]}` });
      }
    });

    rule("deletes what is there, at a revision only while the key is at it", async () => {
      await a.delete("none");
      await a.delete("none", 0);
      await expect(a.delete("none", 7)).rejects.toMatchObject(conflict);
      const old = await a.set("k", "1");
      const revision = await b.set("k", "2");
      await expect(a.delete("k", old)).rejects.toMatchObject(conflict);
      await expect(a.delete("k", 0)).rejects.toMatchObject(conflict);
      expect(await b.get("k")).toMatchObject({ value: "2" });
      await a.delete("k", revision);
      expect(await b.get("k")).toBeUndefined();
      await expect(a.delete("k", revision)).rejects.toMatchObject(conflict);
    });

    rule("adds to nothing, and to what is kept as a whole number", async () => {
      expect(await a.add("n", 5)).toBe(5);
      expect(await b.add("n", -7)).toBe(-2);
      expect(await a.get("n")).toMatchObject({ value: "-2" });
      await a.set("n", "40");
      expect(await b.add("n", 2)).toBe(42);
      await a.delete("n");
      expect(await b.add("n", 1)).toBe(1);
    });

    rule("loses no addition when several nodes add at once", async () => {
      const sums = await Promise.all(
        Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? a : b).add("n", 1)),
      );
      expect(sums.sort((x, y) => x - y)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
      expect(await b.get("n")).toMatchObject({ value: "60" });
    });

    rule("refuses to add to what is no safe integer, or to become one", async () => {
      for (const value of ["", "x", "1.5", "1e3", " 1", "9007199254740993"]) {
        await a.set("k", value);
        await expect(b.add("k", 1)).rejects.toMatchObject({ code: "bad_request" });
        expect(await b.get("k")).toMatchObject({ value });
      }
      await a.set("n", String(Number.MAX_SAFE_INTEGER));
      await expect(a.add("n", 1)).rejects.toMatchObject({ code: "bad_request" });
      expect(await a.add("n", -1)).toBe(Number.MAX_SAFE_INTEGER - 1);
    });

    rule("keeps what has a time until then, and a second more at most", async () => {
      const startedAt = performance.now();
      await a.set("k", "1", { ttlMs: TTL_MS });
      await a.set("kept", "1");
      let found: KeyValue | undefined;
      do {
        const askedAt = performance.now();
        found = await b.get("k");
        if (askedAt > startedAt + GONE_MS) expect(found).toBeUndefined();
        if (performance.now() < startedAt + TTL_MS) expect(found?.value).toBe("1");
      } while (found !== undefined);
      expect(await a.get("k")).toBeUndefined();
      expect(await a.list({ prefix: "", limit: 10 })).toMatchObject({ items: [{ key: "kept" }] });
    });

    rule("takes what is over for deleted, in writes and additions too", async () => {
      const revision = await a.set("k", "1", { ttlMs: TTL_MS });
      await a.set("n", "7", { ttlMs: TTL_MS });
      await a.set("again", "1", { ttlMs: TTL_MS });
      for (const key of ["k", "n", "again"]) await gone(b, key);
      await expect(b.set("k", "2", { revision })).rejects.toMatchObject(conflict);
      await expect(b.delete("k", revision)).rejects.toMatchObject(conflict);
      expect(await b.add("n", 1)).toBe(1);
      expect(await b.set("again", "2", { revision: 0 })).toBeGreaterThan(revision);
      expect(await a.get("again")).toMatchObject({ value: "2" });
      expect(await a.get("n")).toMatchObject({ value: "1" });
    });

    rule("gives what is written again the time of the last write", async () => {
      await a.set("probe", "1", { ttlMs: TTL_MS });
      await a.set("endless", "1", { ttlMs: TTL_MS });
      await b.set("endless", "2");
      await a.set("longer", "1", { ttlMs: TTL_MS });
      await b.set("longer", "2", { ttlMs: 60_000 });
      await a.set("shorter", "1");
      await b.set("shorter", "2", { ttlMs: TTL_MS });
      await gone(a, "probe");
      await gone(a, "shorter");
      expect(await a.get("endless")).toMatchObject({ value: "2" });
      expect(await a.get("longer")).toMatchObject({ value: "2" });
    });

    rule("counts the time of a sum from its first addition", async () => {
      await a.set("probe", "1", { ttlMs: TTL_MS });
      const startedAt = performance.now();
      await a.add("n", 1, { ttlMs: TTL_MS });
      await a.add("endless", 1);
      await b.add("endless", 1, { ttlMs: TTL_MS });
      let sum = 1;
      let before: number;
      do {
        before = sum;
        sum = await b.add("n", 1, { ttlMs: TTL_MS });
        if (performance.now() < startedAt + TTL_MS) expect(sum).toBe(before + 1);
        expect(performance.now() - startedAt).toBeLessThan(GONE_MS + 200);
      } while (sum > before);
      expect(sum).toBe(1);
      await gone(a, "probe");
      expect(await a.get("endless")).toMatchObject({ value: "2" });
    });

    rule("lists by prefix, in the order of UTF-8, whatever the keys are made of", async () => {
      await Promise.all(ODD_KEYS.map((key, i) => (i % 2 === 0 ? a : b).set(key, `of ${key}`)));
      const { items, hasMore } = await a.list({ prefix: "", limit: 100 });
      expect(items.map(({ key }) => key)).toEqual(ODD_KEYS);
      expect(items.map(({ value }) => value)).toEqual(ODD_KEYS.map((key) => `of ${key}`));
      expect(hasMore).toBe(false);
      for (const item of items) expect(await b.get(item.key)).toEqual(item);
      for (const prefix of [...ODD_KEYS, "a.b.", "a.b.cd", "a..", "\u{10ffff}"]) {
        const expected = ODD_KEYS.filter((key) => key.startsWith(prefix));
        expect(await keysOf(b, prefix)).toEqual(expected);
      }
    });

    rule("pages through a list, and says whether there is more", async () => {
      const keys = Array.from({ length: 25 }, (_, i) => `p.${String(i).padStart(2, "0")}`);
      await Promise.all([...keys, "o", "q", "p"].map((key) => a.set(key, key)));
      await a.delete("p.03");
      const left = keys.filter((key) => key !== "p.03");
      for (const limit of [1, 7, 12, 24, 25, 1_000]) {
        const seen: string[] = [];
        let after: string | undefined;
        for (;;) {
          const page = await b.list({ prefix: "p.", limit, ...(after && { after }) });
          seen.push(...page.items.map(({ key }) => key));
          expect(page.items.length).toBeLessThanOrEqual(limit);
          expect(page.hasMore).toBe(seen.length < left.length);
          if (!page.hasMore) break;
          after = seen.at(-1);
        }
        expect(seen).toEqual(left);
      }
      expect(await b.list({ prefix: "p.", after: "q", limit: 5 })).toEqual({
        items: [],
        hasMore: false,
      });
      const { items } = await b.list({ prefix: "p.", after: "a", limit: 1 });
      expect(items).toMatchObject([{ key: "p.00" }]);
    });

    rule("lists a thousand at once", async () => {
      const keys = Array.from({ length: 1_001 }, (_, i) => `p.${String(i).padStart(4, "0")}`);
      await Promise.all(keys.map((key) => a.set(key, "v".repeat(100))));
      const page = await b.list({ prefix: "p.", limit: 1_000 });
      expect(page.items.map(({ key }) => key)).toEqual(keys.slice(0, 1_000));
      expect(page.hasMore).toBe(true);
    });

    rule("keeps keys and values of the largest size and of any text", async () => {
      const values = [
        "",
        "\0",
        "a\0b",
        "é\u{1f54a}\n",
        "€".repeat(65_536),
        "\u{1f54a}".repeat(32_768),
      ];
      for (const value of values) {
        await a.set("k", value);
        expect((await b.get("k"))?.value).toBe(value);
        expect((await b.list({ prefix: "k", limit: 1 })).items[0]?.value).toBe(value);
      }
      for (const key of ["x".repeat(512), "€".repeat(512), ".".repeat(512), "€.".repeat(256)]) {
        const revision = await a.set(key, "v");
        expect(await b.get(key)).toEqual({ key, value: "v", revision });
        expect(await keysOf(b, key)).toEqual([key]);
      }
    });

    rule("refuses keys, values and numbers that cannot be", async () => {
      const bad = { code: "bad_request" };
      for (const key of ["", "x".repeat(513), "\ud800", "a\udc00b", "a\0"]) {
        await expect(a.get(key)).rejects.toMatchObject(bad);
        await expect(a.set(key, "v")).rejects.toMatchObject(bad);
        await expect(a.delete(key)).rejects.toMatchObject(bad);
        await expect(a.add(key, 1)).rejects.toMatchObject(bad);
        if (key !== "") await expect(a.list({ prefix: key, limit: 1 })).rejects.toMatchObject(bad);
      }
      await expect(a.set("k", "x".repeat(65_537))).rejects.toMatchObject({ code: "too_large" });
      await expect(a.set("k", "\ud800")).rejects.toMatchObject(bad);
      for (const ttlMs of [0, -1, 1.5, 31_536_000_001, Number.NaN]) {
        await expect(a.set("k", "v", { ttlMs })).rejects.toMatchObject(bad);
        await expect(a.add("k", 1, { ttlMs })).rejects.toMatchObject(bad);
      }
      await expect(a.set("k", "v", { revision: -1 })).rejects.toMatchObject(bad);
      await expect(a.add("k", 0.5)).rejects.toMatchObject(bad);
      for (const limit of [0, 1_001, 1.5]) {
        await expect(a.list({ prefix: "", limit })).rejects.toMatchObject(bad);
      }
      expect(await a.get("k")).toBeUndefined();
      await a.set("k", "v", { ttlMs: 31_536_000_000 });
      expect(await b.get("k")).toMatchObject({ value: "v" });
    });

    rule("keeps what was written for a node that joins later, if it is durable", async () => {
      if (!a.capabilities.isDurable) return;
      const revision = await a.set("k", "v");
      await Promise.all([a.close(), b.close()]);
      const later = backend.createNode();
      await later.start();
      expect(await later.get("k")).toEqual({ key: "k", value: "v", revision });
      expect(await later.set("k", "w")).toBeGreaterThan(revision);
      await later.close();
    });

    keyValueModelRule(rule, () => [a, b]);

    rule("rejects every call before it was started", async () => {
      await expectRefusal(backend.createNode());
    });

    rule("rejects every call after close, and closes twice", async () => {
      await a.close();
      await a.close();
      await expectRefusal(a);
    });
  });
}

async function keysOf(store: KeyValueStore, prefix: string): Promise<string[]> {
  return (await store.list({ prefix, limit: 1_000 })).items.map(({ key }) => key);
}

async function gone(store: KeyValueStore, key: string): Promise<void> {
  const check = async (): Promise<void> => expect(await store.get(key)).toBeUndefined();
  await vi.waitFor(check, { timeout: GONE_MS, interval: 20 });
}

async function expectRefusal(store: KeyValueStore): Promise<void> {
  const unavailable = { code: "unavailable" };
  await expect(store.get("k")).rejects.toMatchObject(unavailable);
  await expect(store.set("k", "v")).rejects.toMatchObject(unavailable);
  await expect(store.delete("k")).rejects.toMatchObject(unavailable);
  await expect(store.list({ prefix: "", limit: 1 })).rejects.toMatchObject(unavailable);
  await expect(store.add("k", 1)).rejects.toMatchObject(unavailable);
}
