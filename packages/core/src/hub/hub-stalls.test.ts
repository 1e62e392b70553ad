import { AnywireError } from "@anywire/types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LOBBY, latch, setUp } from "./hub-setup.fixture.ts";
import type { SlowStep } from "./slow-log.fixture.ts";

const MANY = Array.from({ length: 28 }, (_, i) => i + 1);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("a subscription that goes on is answered while what was missed can't be read, and gets it later", async () => {
  // While the state store hung, no answer to a connection came before its client had given it up, and so to all it tried.
  const read = latch();
  const { hub, log, say, subscriber } = await setUp({
    ringSize: 1,
    wait: (step) => (step === "read" ? read.opened : Promise.resolve()),
  });
  await subscriber().subscribe(LOBBY);
  await say(LOBBY, MANY.length);
  const recoverFrom = { offset: 0, epoch: log.epoch };
  const [june, other] = [subscriber(), subscriber()];
  const subscribing = hub.subscribe(LOBBY, june, { recoverFrom });
  await vi.advanceTimersByTimeAsync(1_000);
  const { subscription, ...answer } = await subscribing;
  expect(answer).toMatchObject({ isRecovered: true, offset: 0, broadcasts: [] });
  // Another one does not wait once more.
  expect(await hub.subscribe(LOBBY, other, { recoverFrom })).toMatchObject({ broadcasts: [] });
  const catchingUp = hub.catchUp(subscription);
  read.open();
  await catchingUp;
  expect(june.offsets).toEqual(MANY);
  await vi.advanceTimersByTimeAsync(2_000);
  const { broadcasts } = await hub.subscribe(LOBBY, subscriber(), { recoverFrom });
  expect(broadcasts.length).toBe(10);
});

test("what can't be read for now ends no subscription: it goes on from where it was", async () => {
  // Each connection that was behind was closed when the state store could not be read for ten seconds.
  const failure = new AnywireError("unavailable", "throttled");
  let isAway = true;
  const wait = async (step: SlowStep) => {
    if (step === "read" && isAway) throw failure;
  };
  const { hub, log, say, subscriber } = await setUp({ ringSize: 1, wait });
  const [june, back] = [subscriber(), subscriber()];
  const { subscription } = await june.subscribe(LOBBY);
  june.isFull = true;
  await say(LOBBY, MANY.length);
  await june.drain();
  expect(june.stalls).toEqual([{ subscription, cause: failure }]);
  await back.subscribe(LOBBY, { recoverFrom: { offset: 3, epoch: log.epoch } });
  await say();
  isAway = false;
  for (const { stalls } of [june, back]) {
    expect(stalls.length).toBe(1);
    for (const one of stalls) await hub.catchUp(one.subscription);
  }
  expect(june.offsets).toEqual([...MANY, 29]);
  expect(back.offsets).toEqual([...MANY.slice(3), 29]);
  await say();
  expect(june.offsets.at(-1)).toBe(30);
  expect([...june.losses, ...back.losses]).toEqual([]);
});

test("what fails for good fails the answer", async () => {
  const failure = new AnywireError("storage_damaged", "page 7 is damaged");
  const wait = (step: SlowStep) => (step === "read" ? Promise.reject(failure) : Promise.resolve());
  const { log, say, subscriber } = await setUp({ ringSize: 1, wait });
  await subscriber().subscribe(LOBBY);
  await say(LOBBY, 3);
  const recoverFrom = { offset: 0, epoch: log.epoch };
  await expect(subscriber().subscribe(LOBBY, { recoverFrom })).rejects.toBe(failure);
});
