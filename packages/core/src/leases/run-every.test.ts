import { createMemoryKeyValue, MemoryKeyValueBackend } from "@anywire/engines/memory";
import { AnywireError } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { KeyValueStore } from "../ports/key-value-store.ts";
import { type IntervalWork, runEvery } from "./run-every.ts";
import { intervalSchedule, type Schedule } from "./schedule.ts";

const INTERVAL_MS = 10_000;
const START = 1_000_000 * INTERVAL_MS + 4_000;
const TEN_SECONDS = intervalSchedule(INTERVAL_MS);

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
  { now = Date.now, work = async (): Promise<void> => {}, schedule = TEN_SECONDS } = {},
): IntervalWork {
  const onError = (error: AnywireError): void => void errors.push(error);
  const interval = runEvery(kv, { name: "work", schedule, onError, now }, async (scheduledAt) => {
    ran.push(`${name} ${scheduledAt / INTERVAL_MS - 1_000_000}`);
    await work();
  });
  intervals.push(interval);
  return interval;
}

/** Ticks at these times alone, counted like those that ran. */
const at = (...ticks: number[]): Schedule => ({
  next: (afterMs) =>
    ticks.map((tick) => (1_000_000 + tick) * INTERVAL_MS).find((time) => time > afterMs) ?? null,
});

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
    run("a", await createStore(), { schedule: intervalSchedule(hour) });
    await pass(hour - 60_001);
    expect(ran).toEqual([]);
    await pass(1);
    expect(ticks()).toEqual([(500_001 * hour) / INTERVAL_MS - 1_000_000]);
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

  it("keeps to a schedule whose ticks are not evenly apart, as where an hour is left out or comes twice", async () => {
    const hour = 360;
    const schedule = at(hour, 2 * hour, 3 * hour, 3.5 * hour, 26 * hour, 49 * hour);
    for (const name of ["a", "b"]) run(name, await createStore(), { schedule });
    await pass(60 * hour * INTERVAL_MS);
    expect(ticks()).toEqual([hour, 2 * hour, 3 * hour, 3.5 * hour, 26 * hour, 49 * hour]);
    expect(errors).toEqual([]);
  });

  it("ends with the last tick of its schedule", async () => {
    run("a", await createStore(), { schedule: at(1, 2) });
    await pass(1_000 * INTERVAL_MS);
    expect(ticks()).toEqual([1, 2]);
  });

  it("runs no tick twice when the clock is set back over some that were close together", async () => {
    const schedule = at(1, 1.25, 1.5, 400, 800);
    let shift = 0;
    run("a", await createStore(), { schedule, now: () => Date.now() + shift });
    await pass(12_000);
    expect(ticks()).toEqual([1, 1.25, 1.5]);
    shift = -12_000;
    await pass(1_000 * INTERVAL_MS);
    expect(ticks()).toEqual([1, 1.25, 1.5, 400, 800]);
  });

  it("runs a tick late that was passed over, unless the next one is due as well", async () => {
    const schedule = at(100, 1_000, 2_000, 3_000);
    let shift = 0;
    run("a", await createStore(), { schedule, now: () => Date.now() + shift });
    await pass(INTERVAL_MS);
    shift = 500 * INTERVAL_MS;
    await pass(60_000);
    expect(ticks()).toEqual([100]);
    shift = 2_100 * INTERVAL_MS;
    await pass(60_000);
    expect(ticks()).toEqual([100]);
    await pass(1_000 * INTERVAL_MS);
    expect(ticks()).toEqual([100, 3_000]);
  });

  it("is not held up by a clock that is set forward by half a century", async () => {
    let shift = 0;
    const next = vi.fn(intervalSchedule(1_000).next);
    run("a", await createStore(), { schedule: { next }, now: () => Date.now() + shift });
    shift = 50 * 31_536_000_000;
    await pass(2_000);
    expect(ran.length).toBe(2);
    expect(next.mock.calls.length).toBeLessThan(200);
  });
});
