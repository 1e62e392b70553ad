import { createMemoryKeyValue, MemoryKeyValueBackend } from "@anywire/engines/memory";
import { AnywireError } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { KeyValueStore } from "../ports/key-value-store.ts";
import { type IntervalWork, runEvery } from "./run-every.ts";

const INTERVAL_MS = 10_000;
const START = 1_000_000 * INTERVAL_MS + 4_000;

let backend: MemoryKeyValueBackend;
let intervals: IntervalWork[];
/** Which node ran which tick, counted from the start. */
let ran: string[];
let errors: AnywireError[];

beforeEach(() => {
  vi.useFakeTimers({ now: START });
  backend = new MemoryKeyValueBackend();
  intervals = [];
  ran = [];
  errors = [];
});

afterEach(async () => {
  await Promise.all(intervals.map((interval) => interval.close()));
  vi.useRealTimers();
});

async function createStore(): Promise<KeyValueStore> {
  const store = createMemoryKeyValue(backend);
  await store.start();
  return store;
}

/** Runs as a node whose clock is off by so much. */
function run(
  name: string,
  kv: KeyValueStore,
  { now = Date.now, work = async (): Promise<void> => {} } = {},
): IntervalWork {
  const onError = (error: AnywireError): void => void errors.push(error);
  const options = { name: "work", intervalMs: INTERVAL_MS, onError, now };
  const interval = runEvery(kv, options, async (tick) => {
    ran.push(`${name} ${tick - 1_000_000}`);
    await work();
  });
  intervals.push(interval);
  return interval;
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const ticks = (): number[] => ran.map((one) => Number(one.split(" ")[1]));

describe("interval work", () => {
  it("runs once per tick in the whole cluster, at the tick", async () => {
    for (const name of ["a", "b", "c"]) run(name, await createStore());
    await pass(5_999);
    expect(ran).toEqual([]);
    await pass(1);
    expect(ticks()).toEqual([1]);
    await pass(9 * INTERVAL_MS);
    expect(ticks()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(errors).toEqual([]);
  });

  it("runs no tick twice when the nodes' clocks differ", async () => {
    run("a", await createStore(), { now: () => Date.now() + 29_000 });
    run("b", await createStore());
    run("c", await createStore(), { now: () => Date.now() - 29_000 });
    await pass(20 * INTERVAL_MS);
    expect(new Set(ticks()).size).toBe(ran.length);
    expect(ran.length).toBeGreaterThan(19);
  });

  it("leaves out the ticks while no node ran", async () => {
    const first = run("a", await createStore());
    await pass(INTERVAL_MS);
    await first.close();
    await pass(3 * INTERVAL_MS);
    run("b", await createStore());
    await pass(INTERVAL_MS);
    expect(ran).toEqual(["a 1", "b 5"]);
  });

  it("leaves out a tick that began before the node did, however long it lasts", async () => {
    const hour = 3_600_000;
    vi.setSystemTime(500_000 * hour + 60_000);
    const onError = (error: AnywireError): void => void errors.push(error);
    const kv = await createStore();
    const options = { name: "hourly", intervalMs: hour, onError };
    intervals.push(runEvery(kv, options, async (tick) => void ran.push(`a ${tick}`)));
    await pass(hour - 60_001);
    expect(ran).toEqual([]);
    await pass(1);
    expect(ran).toEqual(["a 500001"]);
  });

  it("goes on with the next tick when the work failed, and tells why", async () => {
    const work = async (): Promise<void> => {
      throw new AnywireError("internal", "no");
    };
    run("a", await createStore(), { work });
    await pass(2 * INTERVAL_MS);
    expect(ticks()).toEqual([1, 2]);
    expect(errors.map(({ message }) => message)).toEqual(["no", "no"]);
  });

  it("leaves a tick to other nodes while it is at one", async () => {
    const work = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 15_000));
    run("a", await createStore(), { work });
    await pass(6_000 + 5 * INTERVAL_MS);
    expect(ticks()).toEqual([1, 3, 5]);
    await pass(INTERVAL_MS);
    run("b", await createStore());
    await pass(3 * INTERVAL_MS);
    expect(new Set(ticks()).size).toBe(ran.length);
    expect(ticks().slice(-3)).toEqual([8, 9, 10]);
  });

  it("asks a store that fails until the tick is over, and takes a claim whose answer was lost", async () => {
    const store = await createStore();
    const { set } = store;
    let failures = 0;
    const unavailable = new AnywireError("unavailable", "no answer");
    vi.spyOn(store, "set").mockImplementation(async (...args) => {
      failures += 1;
      if (failures === 3) await set.apply(store, args);
      if (failures <= 3) throw unavailable;
      return set.apply(store, args);
    });
    run("a", store);
    await pass(6_000);
    expect(ran).toEqual([]);
    await pass(3_000);
    expect(ran).toEqual(["a 1"]);
    await pass(INTERVAL_MS);
    expect(ran).toEqual(["a 1", "a 2"]);
    expect(errors).toEqual([unavailable]);
  });

  it("gives a tick up when the store fails until its end, and asks for the next", async () => {
    const store = await createStore();
    const get = vi.spyOn(store, "get").mockRejectedValue(new AnywireError("unavailable", "no"));
    run("a", store);
    await pass(2 * INTERVAL_MS);
    get.mockRestore();
    await pass(2 * INTERVAL_MS);
    expect(ran).toEqual(["a 2", "a 3", "a 4"]);
    expect(errors).toHaveLength(2);
  });

  it("runs on when the clock is set back or forward, no tick twice", async () => {
    let shift = 0;
    run("a", await createStore(), { now: () => Date.now() + shift });
    await pass(3 * INTERVAL_MS);
    expect(ticks()).toEqual([1, 2, 3]);
    shift = -2 * INTERVAL_MS;
    await pass(4 * INTERVAL_MS);
    expect(ticks()).toEqual([1, 2, 3, 4, 5]);
    shift = 3 * INTERVAL_MS;
    await pass(3 * INTERVAL_MS);
    expect(new Set(ticks()).size).toBe(ran.length);
    expect(ticks().slice(5)).toEqual([11, 12, 13]);
  });

  it("waits on close for work under way, and begins nothing more", async () => {
    let finish = (): void => {};
    const work = (): Promise<void> =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const interval = run("a", await createStore(), { work });
    await pass(INTERVAL_MS);
    let isClosed = false;
    const closing = interval.close().then(() => {
      isClosed = true;
    });
    await pass(2 * INTERVAL_MS);
    expect([ran, isClosed]).toEqual([["a 1"], false]);
    finish();
    await closing;
    await pass(2 * INTERVAL_MS);
    expect(ran).toEqual(["a 1"]);
  });
});
