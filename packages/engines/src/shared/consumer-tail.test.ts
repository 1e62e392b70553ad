import type { Listening, LogEntry } from "@anywire/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConsumerTail, type TailListener } from "./consumer-tail.ts";

const LOOK_MS = 5_000;

/** Who listened to what, and what was done, in order. */
let events: string[];
/** Tells the tail of an entry. */
let tell: (channel: string) => void;
let head: number | Error;
let tail: ConsumerTail;

beforeEach(() => {
  vi.useFakeTimers();
  events = [];
  head = 0;
  tail = createTail(true);
});

afterEach(() => {
  vi.useRealTimers();
});

function createTail(mayMiss: boolean): ConsumerTail {
  return new ConsumerTail({
    mayMiss,
    read: async () => ({ entries: [], hasMore: false }),
    head: async () => {
      if (head instanceof Error) throw head;
      return head;
    },
    tail: (deliver): Listening => {
      events.push("listens");
      tell = (channel) => deliver({ channel } as LogEntry);
      return {
        hearsAll: false,
        follow: async (pattern) => {
          events.push(`follows ${pattern}`);
          return () => events.push(`leaves ${pattern}`);
        },
        stop: () => events.push("stops"),
      };
    },
  });
}

function listener(name: string): TailListener {
  return {
    onEntry: ({ channel }) => events.push(`${name} gets ${channel}`),
    look: async () => {
      events.push(`${name} looks`);
      return true;
    },
  };
}

describe("the tail that the consumers of a node share", () => {
  it("brings an entry to those whose pattern matches, whatever the others are", () => {
    tail.listen("production.sms.*", listener("a"));
    tail.listen("*.sms.7", listener("b"));
    tail.listen("production.sms.8", listener("c"));
    tell("production.sms.7");
    tell("staging.group.7");
    expect(events).toEqual(["listens", "a gets production.sms.7", "b gets production.sms.7"]);
  });

  it("listens once for all, and not when there are none", async () => {
    const a = tail.listen("production.sms.*", listener("a"));
    const b = tail.listen("production.group.*", listener("b"));
    await Promise.all([a.follow(), b.follow()]);
    a.stop();
    a.stop();
    tell("production.sms.7");
    b.stop();
    tail.listen("production.sms.*", listener("c"));
    expect(events).toEqual([
      "listens",
      "follows production.sms.*",
      "follows production.group.*",
      "leaves production.sms.*",
      "leaves production.group.*",
      "stops",
      "listens",
    ]);
  });

  it("leaves a pattern again when it was stopped while it began to follow it", async () => {
    const a = tail.listen("production.sms.*", listener("a"));
    tail.listen("production.group.*", listener("b"));
    const following = a.follow();
    a.stop();
    await following;
    expect(events).toEqual(["listens", "follows production.sms.*", "leaves production.sms.*"]);
  });

  it("has everybody look when the log has grown, and nobody when it has not", async () => {
    tail.listen("production.sms.*", listener("a"));
    tail.listen("production.group.*", listener("b"));
    events = [];
    head = 1;
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    expect(events).toEqual(["a looks", "b looks"]);
    await vi.advanceTimersByTimeAsync(10 * LOOK_MS);
    expect(events).toHaveLength(2);
    head = 2;
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    expect(events).toHaveLength(4);
  });

  it("looks again when the log could not be read", async () => {
    const a = listener("a");
    let failures = 1;
    const look = async (): Promise<boolean> => {
      failures -= 1;
      if (failures >= 0) throw new Error("unavailable");
      return await a.look();
    };
    tail.listen("production.sms.*", { ...a, look });
    events = [];
    head = new Error("unavailable");
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    head = 1;
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    expect(events).toEqual(["a looks"]);
  });

  it("has the others look when one cannot, and all again until it can", async () => {
    let isReady = false;
    tail.listen("production.sms.*", { ...listener("a"), look: async () => isReady });
    const look = (): Promise<boolean> => Promise.reject(new Error("damaged"));
    const damaged = tail.listen("production.sms.*", { ...listener("b"), look });
    tail.listen("production.sms.*", listener("c"));
    events = [];
    head = 1;
    await vi.advanceTimersByTimeAsync(2 * LOOK_MS);
    expect(events).toEqual(["c looks", "c looks"]);
    damaged.stop();
    isReady = true;
    await vi.advanceTimersByTimeAsync(10 * LOOK_MS);
    expect(events).toHaveLength(3);
  });

  it("has no timer when the tail misses nothing, or nobody listens", () => {
    createTail(false).listen("production.sms.*", listener("a"));
    expect(vi.getTimerCount()).toBe(0);
    const share = tail.listen("production.sms.*", listener("a"));
    expect(vi.getTimerCount()).toBe(1);
    share.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
