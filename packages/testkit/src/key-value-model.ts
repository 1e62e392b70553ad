import type { KeyValue, KeyValueStore } from "@anywire/core";
import fc from "fast-check";
import { expect } from "vitest";
import type { Rule } from "./rule.ts";

// Few keys and values, so that steps meet. In their order as UTF-8.
const KEYS = ["a", "a.b", "a.b.c", "a.bc", "b", "é", "\u{1f54a}"];
const node = fc.constantFrom(0, 1);
const key = fc.constantFrom(...KEYS);
const value = fc.constantFrom("", "x", "7", "-3", "é");
const ttlMs = fc.constantFrom(undefined, 3_600_000);
/** Which revision to write at: the key's own, none, one it once had, or whatever there is. */
const at = fc.constantFrom("current", "none", "old", "any");

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("set"), node, key, value, at, ttlMs }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("delete"), node, key, at }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("add"),
      node,
      key,
      delta: fc.maxSafeInteger(),
      ttlMs,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("list"),
      node,
      prefix: fc.constantFrom("", "a", "a.", "a.b", "\u{1f54a}", "none"),
      after: fc.constantFrom(undefined, ...KEYS),
      limit: fc.integer({ min: 1, max: 8 }),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type At = "current" | "none" | "old" | "any";

/** What a store should hold, in the plainest way. */
class Model {
  readonly kept = new Map<string, KeyValue>();
  readonly old = new Map<string, number>();
  last = 0;

  revisionFor(key: string, at: At): number | undefined {
    if (at === "any") return undefined;
    if (at === "none") return 0;
    const own = this.kept.get(key)?.revision ?? 0;
    return at === "current" ? own : (this.old.get(key) ?? own);
  }

  isAt(key: string, revision: number | undefined): boolean {
    return revision === undefined || revision === (this.kept.get(key)?.revision ?? 0);
  }

  put(key: string, value: string, revision: number): void {
    expect(revision).toBeGreaterThan(this.last);
    this.last = revision;
    this.forget(key);
    this.kept.set(key, { key, value, revision });
  }

  forget(key: string): void {
    const own = this.kept.get(key);
    if (own !== undefined) this.old.set(key, own.revision);
    this.kept.delete(key);
  }

  list({ prefix, after = "", limit }: Extract<Step, { limit: number }>): {
    items: KeyValue[];
    hasMore: boolean;
  } {
    const from = KEYS.indexOf(after) + 1;
    const items = KEYS.slice(from).flatMap((one) => {
      const item = one.startsWith(prefix) ? this.kept.get(one) : undefined;
      return item === undefined ? [] : [item];
    });
    return { items: items.slice(0, limit), hasMore: items.length > limit };
  }
}

/** Declares that random writes from two nodes leave what a plain map would hold. */
export function keyValueModelRule(rule: Rule, nodes: () => readonly KeyValueStore[]): void {
  rule("holds what a plain map would, whatever two nodes do to it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const model = new Model();
        for (const one of KEYS) await nodes()[0]?.delete(one);
        for (const one of steps) await take(one, nodes()[one.node] as KeyValueStore, model);
        for (const one of KEYS) {
          for (const store of nodes()) expect(await store.get(one)).toEqual(model.kept.get(one));
        }
      }),
      { numRuns: 30 },
    );
  });
}

async function take(one: Step, store: KeyValueStore, model: Model): Promise<void> {
  if ("limit" in one) {
    const { prefix, after, limit } = one;
    const page = await store.list({ prefix, limit, ...(after !== undefined && { after }) });
    expect(page).toEqual(model.list(one));
  } else if ("value" in one) await takeSet(one, store, model);
  else if ("delta" in one) await takeAdd(one, store, model);
  else {
    const revision = model.revisionFor(one.key, one.at as At);
    const deleting = store.delete(one.key, revision);
    if (!model.isAt(one.key, revision)) return expectCode(deleting, "conflict");
    await deleting;
    model.forget(one.key);
  }
}

async function takeSet(
  { key, value, at, ttlMs }: Extract<Step, { value: string }>,
  store: KeyValueStore,
  model: Model,
): Promise<void> {
  const revision = model.revisionFor(key, at as At);
  const setting = store.set(key, value, {
    ...(revision !== undefined && { revision }),
    ...(ttlMs !== undefined && { ttlMs }),
  });
  if (!model.isAt(key, revision)) return expectCode(setting, "conflict");
  model.put(key, value, await setting);
}

async function takeAdd(
  { key, delta, ttlMs }: Extract<Step, { delta: number }>,
  store: KeyValueStore,
  model: Model,
): Promise<void> {
  const adding = store.add(key, delta, { ...(ttlMs !== undefined && { ttlMs }) });
  const kept = model.kept.get(key)?.value ?? "0";
  const sum = Number(kept) + delta;
  if (!/^(0|-?[1-9]\d*)$/.test(kept) || !Number.isSafeInteger(sum)) {
    return expectCode(adding, "bad_request");
  }
  expect(await adding).toBe(sum);
  const item = await store.get(key);
  expect(item?.value).toBe(String(sum));
  model.put(key, String(sum), item?.revision ?? 0);
}

async function expectCode(call: Promise<unknown>, code: string): Promise<void> {
  await expect(call).rejects.toMatchObject({ code });
}
