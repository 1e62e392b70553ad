import { createMemoryLog, createMemoryPresence } from "@anywire/engines/memory";
import { matchesPattern } from "@anywire/types";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Log } from "../ports/log.ts";
import { EMPTY_FEED } from "./empty-feed.fixture.ts";
import { Hub, type Subscribed } from "./hub.ts";
import { RecordingSubscriber } from "./recording-subscriber.fixture.ts";
import { SlowLog } from "./slow-log.fixture.ts";

// Few people and topics, so that they come back to where they were.
const CHANNELS = ["p.group.a", "p.group.b"];
const who = fc.constantFrom(0, 1);
const topic = fc.constantFrom("p.group.a", "p.*.b", "p.>");
const room = fc.nat({ max: 4 });

/** What can happen, in any order and in the middle of whatever is under way. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant("append"), fc.constantFrom(...CHANNELS)) },
  { weight: 4, arbitrary: fc.tuple(fc.constant("subscribe"), who, topic) },
  { weight: 3, arbitrary: fc.tuple(fc.constant("unsubscribe"), who, topic) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("leave room for"), who, room) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("drain"), who, room) },
  { weight: 6, arbitrary: fc.tuple(fc.constant("wait"), room) },
);
type Step =
  | readonly ["append", channel: string]
  | readonly ["subscribe", who: number, topic: string]
  | readonly ["unsubscribe", who: number, topic: string]
  | readonly ["leave room for", who: number, room: number]
  | readonly ["drain", who: number, room: number]
  | readonly ["wait", times: number];

const bounds = fc.record({
  ringSize: fc.nat({ max: 4 }),
  ringBytes: fc.constantFrom(0, 1500, 3000, 1_000_000),
  pageSize: fc.integer({ min: 1, max: 4 }),
  idleTopics: fc.nat({ max: 2 }),
});

/** One subscription as its client sees it, from the request on. */
interface Seat {
  readonly topic: string;
  readonly person: RecordingSubscriber;
  /** Where its part of what the person heard begins, and where it ended. */
  readonly start: number;
  end: number | undefined;
  readonly recoverFrom: number | undefined;
  subscribed: Subscribed | undefined;
}

class Play {
  readonly #log: Log;
  readonly #hub: Hub;
  readonly #scheduler: fc.Scheduler;
  readonly #people: readonly RecordingSubscriber[];
  /** The newest seat of each person on each topic. */
  readonly #newest = new Map<string, Seat>();
  readonly seats: Seat[] = [];
  #appended = 0;

  constructor(log: Log, hub: Hub, scheduler: fc.Scheduler) {
    this.#log = log;
    this.#hub = hub;
    this.#scheduler = scheduler;
    this.#people = [0, 1].map(() => new RecordingSubscriber(hub));
  }

  async take(next: Step): Promise<void> {
    if (next[0] === "append") await this.#append(next[1]);
    else if (next[0] === "wait") await this.#wait(next[1]);
    else if (next[0] === "subscribe") this.#subscribe(next[1], next[2]);
    else if (next[0] === "unsubscribe") this.#unsubscribe(next[1], next[2]);
    else if (next[0] === "drain") void this.#person(next[1]).drain(next[2] + 1);
    else this.#person(next[1]).room = next[2];
  }

  /** Lets everything under way come to its end, and everyone read all there is. */
  async finish(): Promise<void> {
    await this.#scheduler.waitIdle();
    for (const person of this.#people) void person.drain();
    await this.#scheduler.waitIdle();
  }

  async #append(channel: string): Promise<void> {
    this.#appended += 1;
    const id = `m-${this.#appended}`;
    await this.#log.append({ channel, id, kind: "data", sender: "account:bob", dataJson: "1" });
  }

  async #wait(times: number): Promise<void> {
    for (let i = 0; i < times && this.#scheduler.count() > 0; i += 1)
      await this.#scheduler.waitOne();
  }

  #subscribe(index: number, name: string): void {
    const last = this.#newest.get(`${index} ${name}`);
    if (last !== undefined && last.end === undefined) return;
    const person = this.#person(index);
    const recoverFrom = last === undefined ? undefined : positionOf(last);
    const start = person.heard.length;
    const seat = { topic: name, person, start, end: undefined, recoverFrom, subscribed: undefined };
    this.#newest.set(`${index} ${name}`, seat);
    this.seats.push(seat);
    void this.#open(seat);
  }

  async #open(seat: Seat): Promise<void> {
    const { person, recoverFrom } = seat;
    const { epoch } = this.#log;
    const options =
      recoverFrom === undefined ? {} : { recoverFrom: { offset: recoverFrom, epoch } };
    seat.subscribed = await this.#hub.subscribe(seat.topic, person, options);
    person.heard.push(...seat.subscribed.broadcasts);
    await this.#hub.catchUp(seat.subscribed.subscription);
  }

  #unsubscribe(index: number, name: string): void {
    const seat = this.#newest.get(`${index} ${name}`);
    if (seat?.subscribed === undefined) return;
    seat.end ??= seat.person.heard.length;
    seat.person.behind.delete(seat.subscribed.subscription);
    this.#hub.unsubscribe(seat.subscribed.subscription);
  }

  #person(index: number): RecordingSubscriber {
    return this.#people[index] as RecordingSubscriber;
  }
}

/** Offsets that came to a seat, in their order. */
function heardBy({ person, start, end, topic: name }: Seat): number[] {
  const heard = person.heard.slice(start, end);
  return heard.filter((broadcast) => broadcast.topic === name).map(({ offset }) => offset);
}

/** The offset after which a seat's client expects entries. */
function beginningOf({ recoverFrom, subscribed }: Seat): number {
  return recoverFrom ?? subscribed?.offset ?? 0;
}

/** What its client would recover from. */
function positionOf(seat: Seat): number {
  return heardBy(seat).at(-1) ?? beginningOf(seat);
}

test("whoever fills, drains, leaves and recovers at any moment gets each entry once, in order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      bounds,
      fc.array(step as fc.Arbitrary<Step>, { maxLength: 300, size: "max" }),
      async (scheduler, rings, steps) => {
        const memory = createMemoryLog();
        const log = new SlowLog(memory, (name) => scheduler.schedule(Promise.resolve(), name));
        const presence = createMemoryPresence();
        await Promise.all([log.start(), presence.start()]);
        const hub = new Hub({ log, presence, feed: EMPTY_FEED, maxJoinListeners: 100, ...rings });
        hub.start();
        const play = new Play(log, hub, scheduler);
        for (const next of steps) await play.take(next);
        await play.finish();

        const { entries } = await memory.read({ pattern: ">", limit: 1000, order: "asc" });
        for (const seat of play.seats) {
          const expected = entries
            .filter((entry) => matchesPattern(seat.topic, entry.channel))
            .map(({ offset }) => offset)
            .filter((offset) => offset > beginningOf(seat));
          const heard = heardBy(seat);
          const isOver = seat.end !== undefined;
          expect(heard).toEqual(isOver ? expected.slice(0, heard.length) : expected);
          expect(seat.subscribed?.isRecovered).toBe(seat.recoverFrom !== undefined);
        }
        expect(hub.stats().ringBytes).toBeLessThanOrEqual(rings.ringBytes);
      },
    ),
    { numRuns: 1000 },
  );
});
