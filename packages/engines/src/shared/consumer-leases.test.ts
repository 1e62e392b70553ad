import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryConsumerStore } from "../memory/memory-consumer-store.ts";
import { ConsumerLeases, type LeaseTaker } from "./consumer-leases.ts";

const LEASE_MS = 3_000;

/** A consumer that does nothing but tell what happens to it. */
interface Taker extends LeaseTaker {
  wantsLease: boolean;
}

/** A node whose store can be cut off. */
interface Node {
  readonly leases: ConsumerLeases;
  readonly calls: string[][];
  isCut: boolean;
}

let store: MemoryConsumerStore;
/** Which consumers work where right now, such as `x on a`. */
let working: Set<string>;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  store = new MemoryConsumerStore([]);
  for (const name of ["x", "y", "z"]) await store.open(name, "first");
  working = new Set();
});

afterEach(() => {
  vi.useRealTimers();
});

function createNode(): Node {
  const calls: string[][] = [];
  const node = { calls, isCut: false };
  const cut = Object.create(store) as MemoryConsumerStore;
  cut.lease = async (holder, names, leaseMs) => {
    if (node.isCut) throw new Error("cut off");
    calls.push([...names]);
    return await store.lease(holder, names, leaseMs);
  };
  cut.release = (holder, name) => store.release(holder, name);
  cut.end = async (holder) => {
    if (node.isCut) throw new Error("cut off");
    await store.end(holder);
  };
  return Object.assign(node, { leases: new ConsumerLeases(cut, LEASE_MS) });
}

function taker(name: string, at: string): Taker {
  return {
    name,
    wantsLease: true,
    onLease: async () => void working.add(`${name} on ${at}`),
    onLoss: () => void working.delete(`${name} on ${at}`),
  };
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe("the leases of a node's consumers", () => {
  it("are taken with one call when they are asked for at once, and renewed with one", async () => {
    const a = createNode();
    await Promise.all(["x", "y", "z"].map((name) => a.leases.join(taker(name, "a"))));
    expect([...working]).toEqual(["x on a", "y on a", "z on a"]);
    await pass(LEASE_MS);
    expect(a.calls).toEqual([["x", "y", "z"], [], [], []]);
    expect(vi.getTimerCount()).toBe(1);
  });

  it("stay where they are for as long as they are renewed, and are free when they are given back", async () => {
    const [a, b] = [createNode(), createNode()];
    const [onA, onB] = [taker("x", "a"), taker("x", "b")];
    await a.leases.join(onA);
    await b.leases.join(onB);
    await pass(10 * LEASE_MS);
    expect([a.leases.isHeld(onA), b.leases.isHeld(onB)]).toEqual([true, false]);
    await a.leases.leave(onA);
    await pass(LEASE_MS / 3);
    expect([a.leases.isHeld(onA), b.leases.isHeld(onB)]).toEqual([false, true]);
  });

  it("are lost before another node has them when they cannot be renewed, and not taken up again", async () => {
    const [a, b] = [createNode(), createNode()];
    const [xOnA, xOnB] = [taker("x", "a"), taker("x", "b")];
    await Promise.all([a.leases.join(xOnA), a.leases.join(taker("y", "a"))]);
    await b.leases.join(xOnB);
    const before = a.leases.holder;
    a.isCut = true;
    await pass(LEASE_MS - 1_000);
    expect([a.leases.isHeld(xOnA), b.leases.isHeld(xOnB)]).toEqual([true, false]);
    await pass(2_000);
    expect([a.leases.isHeld(xOnA), b.leases.isHeld(xOnB)]).toEqual([false, true]);
    a.isCut = false;
    await pass(LEASE_MS);
    // What nobody else took is its own again, under another name.
    expect([...working]).toEqual(["x on b", "y on a"]);
    expect(a.leases.holder).not.toBe(before);
  });

  // After a blocked event loop or a broken connection a node alone did again what it was at.
  it("are kept when they could not be renewed in time and nobody else wanted them", async () => {
    const a = createNode();
    const onA = taker("x", "a");
    await a.leases.join(onA);
    const before = a.leases.holder;
    onA.onLoss = vi.fn();
    a.isCut = true;
    await pass(2 * LEASE_MS);
    expect(a.leases.isHeld(onA)).toBe(false);
    a.isCut = false;
    await pass(LEASE_MS / 3);
    expect(a.leases.isHeld(onA)).toBe(true);
    expect(a.leases.holder).toBe(before);
    expect(onA.onLoss).not.toHaveBeenCalled();
  });

  it("are lost when the store says that they ran out", async () => {
    const [a, b] = [createNode(), createNode()];
    const onA = taker("x", "a");
    await a.leases.join(onA);
    vi.setSystemTime(Date.now() + LEASE_MS + 1);
    await b.leases.join(taker("x", "b"));
    expect([...working]).toContain("x on b");
    await pass(LEASE_MS / 3);
    expect([...working]).toEqual(["x on b"]);
    expect(a.leases.isHeld(onA)).toBe(false);
  });

  it("are not asked for by a consumer that is held up", async () => {
    const a = createNode();
    const heldUp = taker("x", "a");
    heldUp.wantsLease = false;
    await a.leases.join(heldUp);
    await a.leases.join(taker("y", "a"));
    expect(a.calls.flat()).toEqual(["y"]);
    heldUp.wantsLease = true;
    await pass(LEASE_MS / 3);
    expect([...working]).toEqual(["y on a", "x on a"]);
  });

  it("go to the consumer of a name that came first, then to the next", async () => {
    const { leases } = createNode();
    const [first, second] = [taker("x", "first"), taker("x", "second")];
    await leases.join(first);
    await leases.join(second);
    await leases.leave(second);
    expect(leases.isHeld(first)).toBe(true);
    await leases.join(second);
    await leases.leave(first);
    expect([leases.isHeld(first), leases.isHeld(second)]).toEqual([false, false]);
    await pass(LEASE_MS / 3);
    expect(leases.isHeld(second)).toBe(true);
  });

  it("are not held by a consumer that left while they were asked for", async () => {
    const { leases } = createNode();
    const [leaving, staying] = [taker("x", "leaving"), taker("y", "staying")];
    const joining = Promise.all([leases.join(leaving), leases.join(staying)]);
    await Promise.resolve();
    await Promise.all([leases.leave(leaving), joining]);
    expect([leases.isHeld(leaving), leases.isHeld(staying)]).toEqual([false, true]);
    expect([...working]).toEqual(["y on staying"]);
    expect(await store.lease("other", ["x"], LEASE_MS)).toEqual(["x"]);
  });

  it("have a start that failed tried again with the next renewal, and tell who joined", async () => {
    const { leases } = createNode();
    const failing = taker("x", "a");
    const onLease = vi.fn(async (): Promise<void> => {
      throw new Error("not now");
    });
    await expect(leases.join({ ...failing, onLease })).rejects.toThrow("not now");
    onLease.mockImplementation(failing.onLease);
    await pass(LEASE_MS / 3);
    expect([...working]).toEqual(["x on a"]);
  });

  it("reject who joins when the store cannot be reached", async () => {
    const a = createNode();
    a.isCut = true;
    await expect(a.leases.join(taker("x", "a"))).rejects.toThrow("cut off");
  });

  it("end with the last consumer: nothing is renewed any more", async () => {
    const a = createNode();
    const [x, y] = [taker("x", "a"), taker("y", "a")];
    await Promise.all([a.leases.join(x), a.leases.join(y)]);
    await Promise.all([a.leases.leave(x), a.leases.leave(y)]);
    expect(vi.getTimerCount()).toBe(0);
    expect(await store.lease("other", ["x", "y"], LEASE_MS)).toEqual(["x", "y"]);
  });
});
