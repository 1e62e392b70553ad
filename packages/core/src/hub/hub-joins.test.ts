import { expect, test } from "vitest";
import { LOBBY, latch, setUp } from "./hub-setup.fixture.ts";

const memberOf = (client: string) => ({ client, user: `user-of-${client}` });

test("when too many want to know who comes and goes, nobody is told, and all others cost nothing", async () => {
  const { presence, subscriber } = await setUp({ maxJoinListeners: 2 });
  const listeners = [subscriber(), subscriber(), subscriber()];
  const [first, second, third] = listeners;
  for (const listener of [first, second]) await listener?.subscribe(LOBBY, { wantsJoins: true });
  for (let i = 0; i < 5; i += 1) await subscriber().subscribe(LOBBY);
  await presence.join(LOBBY, memberOf("a"));
  const taken = await third?.subscribe(LOBBY, { wantsJoins: true });
  await presence.join(LOBBY, memberOf("b"));
  expect(listeners.map(({ events }) => events.length)).toEqual([1, 1, 0]);
  expect(taken?.subscription.isClosed).toBe(false);
});

test("when they are few again, each has to ask who is there before it is told more", async () => {
  const { presence, hub, subscriber } = await setUp({ maxJoinListeners: 2 });
  const [june, full, third] = [subscriber(), subscriber(), subscriber()];
  for (const one of [june, full]) await one.subscribe(LOBBY, { wantsJoins: true });
  const { subscription } = await third.subscribe(LOBBY, { wantsJoins: true });
  await presence.join(LOBBY, memberOf("a"));
  hub.unsubscribe(subscription);
  expect(june.outdated).toHaveLength(0);
  full.isFull = true;
  await presence.leave(LOBBY, "a");
  expect(june.outdated).toHaveLength(1);
  await full.drain();
  expect(full.outdated).toHaveLength(1);
  expect([june.events, full.events]).toEqual([[], []]);
  for (const one of [june, full]) await one.subscribe(LOBBY, { wantsJoins: true });
  await presence.join(LOBBY, memberOf("b"));
  expect([june.events.length, full.events.length]).toEqual([1, 1]);
});

test("who was full while somebody came has to ask who is there, once it has everything that was said", async () => {
  const { presence, hub, say, subscriber } = await setUp();
  const june = subscriber();
  const { subscription } = await june.subscribe(LOBBY, { wantsJoins: true });
  june.isFull = true;
  await presence.join(LOBBY, memberOf("a"));
  await say(LOBBY, 3);
  expect(june.outdated).toEqual([]);
  await june.drain();
  expect(june.offsets).toEqual([1, 2, 3]);
  expect(june.outdated).toEqual([subscription]);
  expect(hub.isWatched(LOBBY)).toBe(false);
  await say();
  expect(june.offsets).toEqual([1, 2, 3]);
});

test("also when nothing was said", async () => {
  const { presence, subscriber } = await setUp();
  const june = subscriber();
  const { subscription } = await june.subscribe(LOBBY, { wantsJoins: true });
  june.isFull = true;
  await presence.join(LOBBY, memberOf("a"));
  await june.drain();
  expect(june.outdated).toEqual([subscription]);
});

test("who was full while nobody came, or does not want to know, goes on", async () => {
  const { presence, say, subscriber } = await setUp();
  const [wants, wantsNot] = [subscriber(), subscriber()];
  await wants.subscribe(LOBBY, { wantsJoins: true });
  await wantsNot.subscribe(LOBBY);
  wantsNot.isFull = true;
  await presence.join(LOBBY, memberOf("a"));
  wants.isFull = true;
  await say();
  for (const one of [wants, wantsNot]) await one.drain();
  await say();
  for (const one of [wants, wantsNot]) {
    expect(one.offsets).toEqual([1, 2]);
    expect(one.outdated).toEqual([]);
  }
});

test("what came before a client was told that it is subscribed it finds when it asks", async () => {
  const { presence, hub, subscriber } = await setUp();
  const june = subscriber();
  const { subscription } = await hub.subscribe(LOBBY, june, { wantsJoins: true });
  await presence.join(LOBBY, memberOf("june"));
  await hub.catchUp(subscription);
  expect(june.outdated).toEqual([]);
  await presence.join(LOBBY, memberOf("a"));
  expect(june.events).toHaveLength(1);
});

test("who has read further than the tail has come, and misses a join, gets nothing twice", async () => {
  // It fell behind to the tail's place, from where it had everything already.
  const tail = latch();
  let isHeldUp = false;
  const { memory, presence, log, say, subscriber } = await setUp({
    ringSize: 1,
    wait: async (step) => {
      if (step === "tail" && isHeldUp) await tail.opened;
    },
  });
  const june = subscriber();
  await say(LOBBY, 2);
  await june.subscribe(LOBBY, { wantsJoins: true });
  june.isFull = true;
  await say(LOBBY, 3);
  isHeldUp = true;
  const draft = { channel: LOBBY, id: "late", sender: "account:bob", dataJson: "1" };
  await memory.append({ ...draft, kind: "data" });
  await june.drain();
  expect(june.offsets).toEqual([3, 4, 5, 6]);
  june.isFull = true;
  await presence.join(LOBBY, memberOf("a"));
  tail.open();
  await log.tailed();
  await june.drain();
  expect(june.offsets).toEqual([3, 4, 5, 6]);
});
