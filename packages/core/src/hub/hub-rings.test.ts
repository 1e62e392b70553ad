import { expect, test } from "vitest";
import { LOBBY, latch, setUp } from "./hub-setup.fixture.ts";

test("catching up twice at once hands on everything once", async () => {
  const { log, hub, say, subscriber } = await setUp({ ringSize: 1, pageSize: 2 });
  await say(LOBBY, 5);
  const june = subscriber();
  const recoverFrom = { offset: 0, epoch: log.epoch };
  const { subscription, offset } = await hub.subscribe(LOBBY, june, { recoverFrom });
  await Promise.all([hub.catchUp(subscription), hub.catchUp(subscription)]);
  expect(offset).toBe(2);
  expect(june.offsets).toEqual([3, 4, 5]);
});

test("what left the ring before the head was known is recovered from the log", async () => {
  // The ring forgot that something had left it: it claimed to be complete from the head on.
  const head = latch();
  const { log, say, subscriber } = await setUp({
    ringSize: 2,
    wait: (step) => (step === "head answer" ? head.opened : Promise.resolve()),
  });
  await say();
  const june = subscriber();
  const answer = june.subscribe(LOBBY, { recoverFrom: { offset: 1, epoch: log.epoch } });
  await Promise.resolve();
  await say(LOBBY, 4);
  head.open();
  expect(await answer).toMatchObject({ isRecovered: true });
  expect(june.offsets).toEqual([2, 3, 4, 5]);
});

test("no ring holds more than its size, and all together no more than their bytes", async () => {
  const { hub, say, subscriber } = await setUp({ ringSize: 3, ringBytes: 5000 });
  const bytes: number[] = [];
  for (let i = 0; i < 8; i += 1) {
    await subscriber().subscribe(`p.group.g${i}`);
    await say(`p.group.g${i}`, 5);
    bytes.push(hub.stats().ringBytes);
  }
  const [one = 0] = bytes;
  expect(one).toBeGreaterThan(0);
  expect(bytes.slice(0, 2)).toEqual([one, 2 * one]);
  expect(Math.max(...bytes)).toBeLessThanOrEqual(5000);
});

test("a channel that everybody has left stays at hand, so that all who come back need not the log", async () => {
  const { log, hub, say, subscriber } = await setUp();
  for (const name of [LOBBY, "p.group.*"]) {
    const june = subscriber();
    hub.unsubscribe((await june.subscribe(name)).subscription);
    const { offset } = await say(LOBBY, 3);
    const recoverFrom = { offset: offset - 3, epoch: log.epoch };
    expect(await june.subscribe(name, { recoverFrom })).toMatchObject({ isRecovered: true });
    expect(june.offsets).toEqual([offset - 2, offset - 1, offset]);
  }
  expect(hub.stats().pagesRead).toBe(0);
});

test("of the channels that everybody has left, those left longest ago are forgotten", async () => {
  const { hub, say, subscriber } = await setUp({ idleTopics: 2 });
  const june = subscriber();
  for (const name of ["p.group.a", "p.group.b", "p.group.*"]) {
    const { subscription } = await june.subscribe(name);
    await say("p.group.a");
    hub.unsubscribe(subscription);
  }
  const { topics, ringBytes } = hub.stats();
  expect(topics).toBe(2);
  await say("p.group.a");
  expect(hub.stats().ringBytes).toBeGreaterThan(ringBytes);
  for (const name of ["p.sms.a", "p.sms.b"]) {
    hub.unsubscribe((await june.subscribe(name)).subscription);
  }
  expect(hub.stats()).toMatchObject({ topics: 2, ringBytes: 0 });
});

test("those who come back together share what is read for them", async () => {
  const { log, hub, say, subscriber } = await setUp({ ringSize: 0 });
  await say(LOBBY, 5);
  const recoverFrom = { offset: 0, epoch: log.epoch };
  const people = Array.from({ length: 20 }, () => subscriber());
  await Promise.all(people.map((person) => person.subscribe(LOBBY, { recoverFrom })));
  for (const person of people) expect(person.offsets).toEqual([1, 2, 3, 4, 5]);
  expect(hub.stats().pagesRead).toBeLessThanOrEqual(2);
});
