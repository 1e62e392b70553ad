import type { Listening, Log, LogEntry } from "@anywire/core";
import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryLog } from "../memory/memory-log.ts";
import { ConsumerFeed } from "./consumer-feed.ts";
import type { ConsumerSource } from "./consumer-source.ts";
import { ConsumerTail } from "./consumer-tail.ts";

describe("a consumer's feed from a log whose tail may miss something", () => {
  let log: Log;
  let feed: ConsumerFeed;
  let taken: number[];
  let isLost: (entry: LogEntry) => boolean;
  /** What the answers of the log wait for. */
  let answers: Promise<void>;

  beforeEach(async () => {
    vi.useFakeTimers();
    taken = [];
    isLost = () => false;
    answers = Promise.resolve();
    log = createMemoryLog();
    await log.start();
    const source: ConsumerSource = {
      mayMiss: true,
      read: async (query) => {
        const page = await log.read(query);
        await answers;
        return page;
      },
      head: (pattern) => log.head(pattern),
      tail: (deliver): Listening =>
        log.tail((entry) => {
          if (!isLost(entry)) deliver(entry);
        }),
    };
    feed = new ConsumerFeed(source, new ConsumerTail(source), "production.group.*", 0, {
      take: ({ offset }) => taken.push(offset),
      taken: () => {},
      hasRoom: () => true,
    });
    feed.start();
    await vi.advanceTimersByTimeAsync(0);
  });

  afterEach(async () => {
    feed.stop();
    await log.close();
    vi.useRealTimers();
  });

  async function append(channel: string): Promise<void> {
    const draft = { channel, id: createEntryId(), sender: "account:ann", dataJson: "1" };
    await log.append({ ...draft, kind: "message" });
  }

  it("brings what the tail left out before what comes after it", async () => {
    isLost = ({ offset }) => offset % 3 !== 0;
    for (let i = 1; i <= 9; i += 1) await append("production.group.room");
    await vi.advanceTimersByTimeAsync(10);
    expect(taken).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("brings what is missing at the end a few seconds later", async () => {
    isLost = ({ offset }) => offset > 1;
    await append("production.group.room");
    await append("production.group.room");
    await vi.advanceTimersByTimeAsync(10);
    expect(taken).toEqual([1]);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(taken).toEqual([1, 2]);
    await append("production.group.hall");
    await vi.advanceTimersByTimeAsync(6_000);
    expect(taken).toEqual([1, 2, 3]);
  });

  it("brings what was left out while it read an older page", async () => {
    const late = Promise.withResolvers<void>();
    answers = late.promise;
    await append("production.sms.1");
    await append("production.group.room");
    await vi.advanceTimersByTimeAsync(10);
    isLost = () => true;
    await append("production.group.room");
    await vi.advanceTimersByTimeAsync(6_000);
    late.resolve();
    await vi.advanceTimersByTimeAsync(10);
    expect(taken).toEqual([2]);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(taken).toEqual([2, 3]);
  });

  it("brings entries that lie apart in the log each once", async () => {
    for (let i = 1; i <= 10; i += 1) {
      await append(i % 2 === 0 ? "production.sms.1" : "production.group.room");
    }
    await vi.advanceTimersByTimeAsync(10);
    expect(taken).toEqual([1, 3, 5, 7, 9]);
  });
});
