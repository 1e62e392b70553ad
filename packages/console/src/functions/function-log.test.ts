import type { ChannelEvents, HistoryQuery } from "@anywire/client";
import { AnywireError, type Entry } from "@anywire/types";
import { expect, test } from "vitest";
import { FunctionLog, type LogClient } from "./function-log.ts";

type Listeners = { [Name in keyof ChannelEvents]?: (event: ChannelEvents[Name]) => void };

/** A connection to a server that has these entries, and whose channel a test can have say anything. */
function connect(stored: readonly Entry[]) {
  const listeners: Listeners = {};
  const asked: HistoryQuery[] = [];
  const names: string[] = [];
  const kept = [...stored];
  let isSubscribed = false;
  const channel = {
    subscribe: () => {
      isSubscribed = true;
    },
    unsubscribe: () => {
      isSubscribed = false;
    },
    ready: async () => {},
    on: <Name extends keyof ChannelEvents>(name: Name, listener: Listeners[Name]) => {
      listeners[name] = listener;
      return () => delete listeners[name];
    },
    history: async (query: HistoryQuery) => {
      asked.push(query);
      const { limit, before = Number.POSITIVE_INFINITY } = query;
      const older = kept.filter(({ offset }) => offset < before);
      return { entries: older.slice(-limit), hasMore: older.length > limit, epoch: "e" };
    },
  };
  const client = {
    ready: async () => ({ platform: "staging" }),
    channel: (name: string) => {
      names.push(name);
      return channel;
    },
  } as unknown as LogClient;
  return { client, listeners, asked, names, kept, isSubscribed: () => isSubscribed };
}

function line(offset: number): Entry {
  const data = { function: "sms", level: "info", text: `line ${offset}`, at: offset };
  const channel = "staging.system.functions";
  return { offset, id: `e${offset}`, kind: "log", channel, sender: "function:sms", at: 0, data };
}

function lines(from: number, to: number): Entry[] {
  return Array.from({ length: to - from + 1 }, (_, i) => line(from + i));
}

/** Resolves at the next change after which that holds. */
async function until(log: FunctionLog, holds: () => boolean): Promise<void> {
  if (holds()) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = log.subscribe(() => holds() && resolve());
  await promise;
  stop();
}

function offsets(log: FunctionLog): number[] {
  return log.getState().lines.map(({ offset }) => offset);
}

test("the newest stored lines come first, then those that come live, each once", async () => {
  const { client, listeners, names } = connect(lines(1, 3));
  const log = new FunctionLog(client);
  log.follow();
  await until(log, () => log.getState().isRead);
  expect(names).toEqual(["staging.system.functions"]);
  for (const offset of [3, 4, 5]) listeners.entry?.(line(offset));
  await until(log, () => offsets(log).includes(5));
  expect(offsets(log)).toEqual([1, 2, 3, 4, 5]);
  expect(log.getState().hasOlder).toBe(false);
});

test("lines of one frame are told together", async () => {
  const { client, listeners } = connect([]);
  const log = new FunctionLog(client);
  log.follow();
  await until(log, () => log.getState().isRead);
  let told = 0;
  log.subscribe(() => {
    told += 1;
  });
  for (const entry of lines(1, 50)) listeners.entry?.(entry);
  await until(log, () => offsets(log).includes(50));
  expect(told).toBe(1);
});

test("earlier lines are read on demand, and stay", async () => {
  const { client, listeners, asked } = connect(lines(1, 300));
  const log = new FunctionLog(client);
  log.follow();
  await until(log, () => log.getState().isRead);
  expect(offsets(log)).toHaveLength(200);
  expect(log.getState().hasOlder).toBe(true);
  await log.readOlder();
  expect(asked.at(-1)).toMatchObject({ before: 101 });
  for (const entry of lines(301, 1_100)) listeners.entry?.(entry);
  await until(log, () => offsets(log).includes(1_100));
  expect(offsets(log)).toHaveLength(1_100);
  expect(log.getState().hasOlder).toBe(false);
});

test("no more lines are kept than anyone reads", async () => {
  const { client, listeners } = connect([]);
  const log = new FunctionLog(client);
  log.follow();
  await until(log, () => log.getState().isRead);
  for (const entry of lines(1, 1_001)) listeners.entry?.(entry);
  await until(log, () => offsets(log).includes(1_001));
  expect(offsets(log)).toHaveLength(1_000);
  expect(log.getState().hasOlder).toBe(true);
});

test("where something was missed, the newest lines are read anew", async () => {
  const { client, listeners, kept } = connect([line(1)]);
  const log = new FunctionLog(client);
  log.follow();
  await until(log, () => log.getState().isRead);
  kept.push(line(2), line(3));
  const position = { offset: 3, epoch: "e" };
  listeners.state?.({ state: "subscribed", position, isContinuous: false });
  await until(log, () => offsets(log).includes(3));
  expect(offsets(log)).toEqual([1, 2, 3]);
});

test("a refusal is told, and who stops to follow hears nothing any more", async () => {
  const { client, listeners, isSubscribed } = connect([]);
  const log = new FunctionLog(client);
  const stop = log.follow();
  await until(log, () => log.getState().isRead);
  const error = new AnywireError("permission_denied", "not for you");
  listeners.state?.({ state: "unsubscribed", error });
  expect(log.getState().refusal).toBe("not for you");
  expect(isSubscribed()).toBe(true);
  stop();
  expect(isSubscribed()).toBe(false);
  expect(listeners).toEqual({});
});
