import { createMemoryKeyValue, MemoryKeyValueBackend } from "@anywire/engines/memory";
import { AnywireError } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { KeyValueStore } from "../ports/key-value-store.ts";
import { holdLease, type LeaseHolder } from "./hold-lease.ts";

const LEASE_MS = 3_000;

let backend: MemoryKeyValueBackend;
let holders: LeaseHolder[];
/** What happened, in order, such as `a begins`. */
let events: string[];
let errors: AnywireError[];

beforeEach(() => {
  vi.useFakeTimers();
  backend = new MemoryKeyValueBackend();
  holders = [];
  events = [];
  errors = [];
});

afterEach(async () => {
  const closing = Promise.all(holders.map((holder) => holder.close()));
  await vi.runAllTimersAsync();
  await closing;
  vi.useRealTimers();
});

/** A node's store, which can be cut off. */
async function createStore(): Promise<KeyValueStore & { isCut: boolean }> {
  const store = createMemoryKeyValue(backend);
  await store.start();
  const cut = { isCut: false };
  const guard =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    (...args: Args): Promise<Result> =>
      cut.isCut
        ? Promise.reject(new AnywireError("unavailable", "cut off"))
        : call.apply(store, args);
  return Object.assign(cut, {
    capabilities: store.capabilities,
    start: guard(store.start),
    get: guard(store.get),
    set: guard(store.set),
    delete: guard(store.delete),
    list: guard(store.list),
    add: guard(store.add),
    close: guard(store.close),
  });
}

/** Work that goes on until it is told to end. */
function untilAborted(name: string): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    events.push(`${name} begins`);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    events.push(`${name} ends`);
  };
}

function hold(kv: KeyValueStore, work: (signal: AbortSignal) => Promise<void>): LeaseHolder {
  const onError = (error: AnywireError): void => void errors.push(error);
  const holder = holdLease(kv, { name: "work", leaseMs: LEASE_MS, onError }, work);
  holders.push(holder);
  return holder;
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe("a lease", () => {
  it("is held by one node for as long as that renews it", async () => {
    const a = hold(await createStore(), untilAborted("a"));
    const b = hold(await createStore(), untilAborted("b"));
    await pass(10 * LEASE_MS);
    expect(events).toEqual(["a begins"]);
    expect([a.isHeld, b.isHeld]).toEqual([true, false]);
    expect(errors).toEqual([]);
  });

  it("goes to another node at its next turn when it is given back, after the work has ended", async () => {
    let finish = (): void => {};
    const a = hold(await createStore(), async (signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      events.push("a was told to end");
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      events.push("a ends");
    });
    hold(await createStore(), untilAborted("b"));
    await pass(100);
    const closing = a.close();
    // Longer than the lease, which a closing node renews all the same.
    await pass(3 * LEASE_MS);
    expect(events).toEqual(["a was told to end"]);
    finish();
    await closing;
    expect(a.isHeld).toBe(false);
    await pass(LEASE_MS / 3);
    expect(events).toEqual(["a was told to end", "a ends", "b begins"]);
  });

  it("is lost before another node has it, by a node that cannot renew it", async () => {
    const store = await createStore();
    const a = hold(store, untilAborted("a"));
    hold(await createStore(), untilAborted("b"));
    await pass(2 * LEASE_MS);
    store.isCut = true;
    await pass(0.55 * LEASE_MS);
    expect(events).toEqual(["a begins"]);
    await pass(0.4 * LEASE_MS);
    expect(events.slice(0, 2)).toEqual(["a begins", "a ends"]);
    expect(a.isHeld).toBe(false);
    await pass(0.5 * LEASE_MS);
    expect(events).toEqual(["a begins", "a ends", "b begins"]);
    store.isCut = false;
    await pass(3 * LEASE_MS);
    expect(events).toHaveLength(3);
    // Of all its vain attempts the first was told.
    expect(errors.map(({ message }) => message)).toEqual(["cut off"]);
  });

  it("is lost in time by a node whose store does not answer at all", async () => {
    const store = await createStore();
    hold(store, untilAborted("a"));
    hold(await createStore(), untilAborted("b"));
    await pass(2 * LEASE_MS);
    const { get } = store;
    store.get = () => new Promise((_, reject) => setTimeout(reject, 4 * LEASE_MS, "too late"));
    await pass(2 * LEASE_MS);
    expect(events).toEqual(["a begins", "a ends", "b begins"]);
    store.get = get;
    await pass(5 * LEASE_MS);
    expect(events).toEqual(["a begins", "a ends", "b begins"]);
  });

  it("is taken up again by the same node when nobody else took it", async () => {
    const store = await createStore();
    hold(store, untilAborted("a"));
    await pass(100);
    store.isCut = true;
    await pass(2 * LEASE_MS);
    store.isCut = false;
    await pass(LEASE_MS);
    expect(events).toEqual(["a begins", "a ends", "a begins"]);
  });

  it("is kept by a node that did not hear that it had it", async () => {
    const store = await createStore();
    const { set } = store;
    store.set = async (...args) => {
      await set(...args);
      store.set = set;
      throw new AnywireError("unavailable", "the answer was lost");
    };
    hold(store, untilAborted("a"));
    await pass(LEASE_MS / 3 + 100);
    expect(events).toEqual(["a begins"]);
  });

  it("starts work that ended or failed again, and tells why it failed", async () => {
    let runs = 0;
    hold(await createStore(), async () => {
      runs += 1;
      if (runs === 2) throw new AnywireError("internal", "second run");
    });
    await pass(0);
    expect(runs).toBe(1);
    await pass(LEASE_MS);
    expect(runs).toBeGreaterThanOrEqual(3);
    expect(runs).toBeLessThanOrEqual(4);
    expect(errors.map(({ message }) => message)).toEqual(["second run"]);
  });

  it("is not asked for by a node whose work has not heeded its signal", async () => {
    const store = await createStore();
    let finish = (): void => {};
    hold(store, async (signal) => {
      events.push(`a begins, aborted: ${signal.aborted}`);
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    });
    await pass(100);
    store.isCut = true;
    await pass(LEASE_MS);
    store.isCut = false;
    await pass(2 * LEASE_MS);
    expect(await store.get("lease.work")).toBeUndefined();
    hold(await createStore(), untilAborted("b"));
    await pass(5 * LEASE_MS);
    expect(events).toEqual(["a begins, aborted: false", "b begins"]);
    finish();
  });

  it("starts no work on a node that is closed before it has the lease", async () => {
    const store = await createStore();
    await hold(store, untilAborted("a")).close();
    expect(events).toEqual([]);
    expect(await store.get("lease.work")).toBeUndefined();
  });

  it("is not failed by work that ends because it was told to", async () => {
    const a = hold(await createStore(), async (signal) => {
      await new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      );
    });
    await pass(100);
    await a.close();
    await a.close();
    expect(errors).toEqual([]);
  });
});
