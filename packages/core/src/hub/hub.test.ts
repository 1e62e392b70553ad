import { createMemoryLog, createMemoryPresence } from "@anywire/engines/memory";
import { AnywireError } from "@anywire/types";
import { expect, test } from "vitest";
import { EMPTY_FEED } from "./empty-feed.fixture.ts";
import { Hub } from "./hub.ts";
import { LOBBY, latch, setUp } from "./hub-setup.fixture.ts";
import { RecordingSubscriber } from "./recording-subscriber.fixture.ts";
import type { SlowStep } from "./slow-log.fixture.ts";

const BOB = { client: "c1", user: "bob" };

test("entries of one commit are handed out together, each once and in order, however many", async () => {
  const [log, presence] = [createMemoryLog(), createMemoryPresence()];
  await Promise.all([log.start(), presence.start()]);
  const bounds = {
    ringSize: 500,
    ringBytes: 1_000_000,
    pageSize: 10,
    idleTopics: 10,
    maxJoinListeners: 100,
  };
  const hub = new Hub({ log, presence, feed: EMPTY_FEED, ...bounds });
  hub.start();
  const people = [new RecordingSubscriber(hub), new RecordingSubscriber(hub)];
  await people[0]?.subscribe(LOBBY);
  await people[1]?.subscribe("p.>");
  const ids = Array.from({ length: 200 }, (_, i) => `m-${i}`);
  const draft = { channel: LOBBY, kind: "data", sender: "account:bob", dataJson: "1" } as const;
  await Promise.all(ids.map((id) => log.append({ ...draft, id })));
  for (const { offsets, calls } of people) {
    expect(offsets).toEqual(ids.map((_, i) => i + 1));
    expect(calls).toBeLessThan(10);
  }
});

test("entries come in their order to those on the channel and on a pattern that matches it", async () => {
  const { say, subscriber } = await setUp();
  const [onChannel, onPattern, elsewhere] = [subscriber(), subscriber(), subscriber()];
  await onChannel.subscribe(LOBBY);
  await onPattern.subscribe("p.group.*");
  await elsewhere.subscribe("p.sms.*");
  await say(LOBBY);
  await say("p.group.other");
  await say(LOBBY);
  expect(onChannel.offsets).toEqual([1, 3]);
  expect(onPattern.offsets).toEqual([1, 2, 3]);
  expect(elsewhere.offsets).toEqual([]);
});

test("all subscribers of a topic are handed the very same broadcast, to be encoded once", async () => {
  const { say, subscriber } = await setUp();
  const [a, b] = [subscriber(), subscriber()];
  await a.subscribe(LOBBY);
  await b.subscribe(LOBBY);
  await say();
  expect(a.heard[0]).toBe(b.heard[0]);
  expect(a.heard[0]).toMatchObject({ topic: LOBBY, offset: 1, json: undefined });
});

test("nothing comes between the answer and catchUp, and then all of it does", async () => {
  const { hub, say, subscriber } = await setUp();
  await say();
  const june = subscriber();
  const { subscription, offset, isRecovered } = await hub.subscribe(LOBBY, june);
  await say(LOBBY, 2);
  expect(june.heard).toEqual([]);
  expect([offset, isRecovered]).toEqual([1, false]);
  await hub.catchUp(subscription);
  await say();
  expect(june.offsets).toEqual([2, 3, 4]);
});

test("nothing comes any more after the end of a subscription, whose other ones go on", async () => {
  const { hub, say, subscriber } = await setUp();
  const [a, b, c] = [subscriber(), subscriber(), subscriber()];
  const { subscription } = await a.subscribe(LOBBY);
  await b.subscribe(LOBBY);
  await c.subscribe(LOBBY);
  hub.unsubscribe(subscription);
  hub.unsubscribe(subscription);
  await say();
  expect([a, b, c].map(({ offsets }) => offsets)).toEqual([[], [1], [1]]);
  expect(hub.stats().subscriptions).toBe(2);
});

test("what was missed is recovered from the ring without asking the log", async () => {
  const { log, hub, say, subscriber } = await setUp();
  await subscriber().subscribe(LOBBY);
  await say(LOBBY, 5);
  const june = subscriber();
  const answer = await june.subscribe(LOBBY, { recoverFrom: { offset: 2, epoch: log.epoch } });
  expect(answer).toMatchObject({ isRecovered: true, offset: 5 });
  expect(june.offsets).toEqual([3, 4, 5]);
  expect(hub.stats().pagesRead).toBe(0);
});

test("what was missed long ago is recovered from the log, a page in the answer and the rest after it", async () => {
  const { log, say, subscriber } = await setUp({ ringSize: 3 });
  await say(LOBBY, 35);
  const june = subscriber();
  const answer = await june.subscribe(LOBBY, { recoverFrom: { offset: 0, epoch: log.epoch } });
  expect(answer).toMatchObject({ isRecovered: true, offset: 10 });
  expect(answer.broadcasts.length).toBe(10);
  await say();
  expect(june.offsets).toEqual(Array.from({ length: 36 }, (_, i) => i + 1));
});

test("a pattern recovers the entries of all its channels and of no others", async () => {
  const { log, say, subscriber } = await setUp({ ringSize: 1 });
  await say("p.group.a");
  await say("p.sms.a");
  await say("p.group.b");
  const recoverFrom = { offset: 0, epoch: log.epoch };
  const june = subscriber();
  const answer = await june.subscribe("p.group.*", { recoverFrom });
  expect(answer).toMatchObject({ isRecovered: true, offset: 3 });
  expect(june.offsets).toEqual([1, 3]);
});

test("a pattern is recovered from the position that its subscription began at", async () => {
  const { log, hub, say, subscriber } = await setUp();
  await say("p.sms.a");
  const june = subscriber();
  const { subscription, offset } = await june.subscribe("p.group.*");
  hub.unsubscribe(subscription);
  const answer = await june.subscribe("p.group.*", { recoverFrom: { offset, epoch: log.epoch } });
  expect(answer).toMatchObject({ isRecovered: true, offset: 1, broadcasts: [] });
});

test("a position of another log, or of the future, recovers nothing and begins at the end", async () => {
  const { log, say, subscriber } = await setUp();
  await say(LOBBY, 3);
  for (const recoverFrom of [
    { offset: 1, epoch: "another" },
    { offset: 1, epoch: "" },
    { offset: 4, epoch: log.epoch },
  ]) {
    const answer = await subscriber().subscribe(LOBBY, { recoverFrom });
    expect(answer).toMatchObject({ isRecovered: false, offset: 3, broadcasts: [] });
  }
});

test("a full subscriber is handed nothing, and everything once it drains", async () => {
  const { hub, say, subscriber } = await setUp();
  const june = subscriber();
  june.room = 2;
  await june.subscribe(LOBBY);
  await june.subscribe("p.sms.*");
  await say(LOBBY, 5);
  await say("p.sms.a");
  expect(june.offsets).toEqual([1, 2]);
  expect(june.behind.size).toBe(2);
  await june.drain(1);
  expect(june.offsets).toEqual([1, 2, 3]);
  await june.drain();
  await say();
  const offsetsOn = (name: string) =>
    june.heard.filter(({ topic }) => topic === name).map(({ offset }) => offset);
  expect(offsetsOn(LOBBY)).toEqual([1, 2, 3, 4, 5, 7]);
  expect(offsetsOn("p.sms.*")).toEqual([6]);
  expect(hub.stats().pagesRead).toBe(0);
});

test("a full subscriber does not hold up the others", async () => {
  const { say, subscriber } = await setUp();
  const [slow, quick] = [subscriber(), subscriber()];
  await slow.subscribe(LOBBY);
  await quick.subscribe(LOBBY);
  slow.isFull = true;
  await say(LOBBY, 3);
  expect(slow.offsets).toEqual([]);
  expect(quick.offsets).toEqual([1, 2, 3]);
});

test("a subscriber that is behind by more than the ring holds is caught up from the log", async () => {
  const { hub, say, subscriber } = await setUp({ ringSize: 4, pageSize: 10 });
  const june = subscriber();
  await june.subscribe(LOBBY);
  june.isFull = true;
  await say(LOBBY, 28);
  await june.drain();
  expect(june.offsets).toEqual(Array.from({ length: 28 }, (_, i) => i + 1));
  expect(hub.stats().pagesRead).toBe(3);
});

test("a subscription made while its subscriber is full begins when that drains", async () => {
  const { say, subscriber } = await setUp();
  const june = subscriber();
  june.isFull = true;
  await june.subscribe(LOBBY);
  await say();
  await june.drain();
  expect(june.offsets).toEqual([1]);
});

test("a log that can't be read ends the subscription, and the subscriber is told why", async () => {
  const failure = new AnywireError("storage_damaged", "page 7 is damaged");
  const wait = (step: SlowStep) => (step === "read" ? Promise.reject(failure) : Promise.resolve());
  const { hub, say, subscriber } = await setUp({ ringSize: 1, wait });
  const [june, other] = [subscriber(), subscriber()];
  const { subscription } = await june.subscribe(LOBBY);
  await other.subscribe(LOBBY);
  june.isFull = true;
  await say(LOBBY, 3);
  await june.drain();
  expect(june.losses).toEqual([{ subscription, cause: failure }]);
  await say();
  expect(june.offsets).toEqual([]);
  expect(other.offsets).toEqual([1, 2, 3, 4]);
  expect(hub.stats().subscriptions).toBe(1);
});

test("a log that can't say its head fails the subscription, and the next one asks anew", async () => {
  const failure = new AnywireError("unavailable", "locked");
  let failures = 2;
  const wait = async (step: SlowStep) => {
    if (step !== "head" || failures === 0) return;
    failures -= 1;
    throw failure;
  };
  const { hub, say, subscriber } = await setUp({ wait });
  const june = subscriber();
  await expect(june.subscribe(LOBBY)).rejects.toBe(failure);
  await expect(june.subscribe("p.>")).rejects.toBe(failure);
  expect(hub.stats()).toMatchObject({ topics: 0, subscriptions: 0 });
  await june.subscribe(LOBBY);
  await say();
  expect(june.offsets).toEqual([1]);
});

test("an entry that was read before the tail brought it is not handed on twice", async () => {
  // Reads and the tail come from different threads: a read saw an entry, the subscription went live, and
  // then the tail brought the same entry.
  const tail = latch();
  const { log, say, subscriber } = await setUp({
    wait: (step) => (step === "tail" ? tail.opened : Promise.resolve()),
  });
  const june = subscriber();
  await june.subscribe(LOBBY);
  const said = say(LOBBY, 2);
  const [bob, fresh] = [subscriber(), subscriber()];
  await bob.subscribe("p.group.*", { recoverFrom: { offset: 0, epoch: log.epoch } });
  await fresh.subscribe("p.>");
  expect(bob.offsets).toEqual([1, 2]);
  tail.open();
  await said;
  await say();
  expect(bob.offsets).toEqual([1, 2, 3]);
  expect(fresh.offsets).toEqual([3]);
  expect(june.offsets).toEqual([1, 2, 3]);
});

test("the position that a subscription begins at does not go back when the tail is late", async () => {
  const [first, second, isFirstThrough] = [latch(), latch(), latch()];
  let tails = 0;
  const wait = async (step: SlowStep) => {
    if (step !== "tail") return;
    tails += 1;
    if (tails === 2) isFirstThrough.open();
    await (tails === 1 ? first : second).opened;
  };
  const { say, subscriber } = await setUp({ wait });
  const said = say(LOBBY, 2);
  expect((await subscriber().subscribe(LOBBY)).offset).toBe(2);
  first.open();
  await isFirstThrough.opened;
  expect((await subscriber().subscribe(LOBBY)).offset).toBe(2);
  second.open();
  await said;
});

test("who comes and goes is told to those who want it, and to no pattern", async () => {
  const { presence, subscriber } = await setUp();
  const [wants, wantsNot, onPattern] = [subscriber(), subscriber(), subscriber()];
  await wants.subscribe(LOBBY, { wantsJoins: true });
  await wantsNot.subscribe(LOBBY);
  await onPattern.subscribe("p.>", { wantsJoins: true });
  await presence.join(LOBBY, BOB);
  await presence.leave(LOBBY, BOB.client);
  expect(wants.events).toEqual([
    { type: "join", channel: LOBBY, member: BOB },
    { type: "leave", channel: LOBBY, member: BOB },
  ]);
  expect([wantsNot.events, onPattern.events]).toEqual([[], []]);
});

test("a signal is told to everyone who can take it now, and is gone for all others", async () => {
  const { presence, hub, say, subscriber } = await setUp();
  const [onChannel, onPattern, full, notYet] = [0, 1, 2, 3].map(subscriber) as [
    RecordingSubscriber,
    RecordingSubscriber,
    RecordingSubscriber,
    RecordingSubscriber,
  ];
  await onChannel.subscribe(LOBBY);
  await onPattern.subscribe("p.group.*");
  await full.subscribe(LOBBY);
  const { subscription } = await hub.subscribe(LOBBY, notYet);
  full.isFull = true;
  const signal = { channel: LOBBY, member: BOB, kind: "typing", dataJson: "null" };
  await presence.signal({ type: "signal", ...signal });
  await hub.catchUp(subscription);
  await full.drain();
  await say();
  expect(onChannel.events).toEqual([{ type: "signal", ...signal }]);
  expect(onPattern.heard.map(({ topic }) => topic)).toEqual(["p.group.*", "p.group.*"]);
  expect([full.events, notYet.events]).toEqual([[], []]);
  expect([full.offsets, notYet.offsets]).toEqual([[1], [1]]);
});

test("a hub that is closed hears nothing any more", async () => {
  const { hub, say, subscriber } = await setUp();
  const june = subscriber();
  await june.subscribe(LOBBY);
  hub.close();
  await say();
  expect(june.offsets).toEqual([]);
  expect(hub.stats().entriesIn).toBe(0);
});
