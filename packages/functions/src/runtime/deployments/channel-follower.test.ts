import type { Log, LogEntry } from "@anywire/core";
import { createMemoryLog, MemoryLogBackend } from "@anywire/engines/memory";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ChannelFollower } from "./channel-follower.ts";

const CHANNEL = "anywire.system.deployments";

let log: Log;
let followers: ChannelFollower[];

beforeEach(async () => {
  log = createMemoryLog(new MemoryLogBackend());
  await log.start();
  followers = [];
});

afterEach(async () => {
  for (const follower of followers) follower.close();
  await log.close();
});

async function append(id: string, channel = CHANNEL): Promise<void> {
  await log.append({ channel, id, kind: "deployment", sender: "account:ops", dataJson: "{}" });
}

function follow(on: Pick<Log, "read" | "tail"> = log) {
  const told: string[] = [];
  const onEntry = ({ id }: LogEntry, isNew: boolean): number => told.push(isNew ? `${id} new` : id);
  const onError = (error: Error): never => {
    throw error;
  };
  const follower = new ChannelFollower({ log: on, channel: CHANNEL, onEntry, onError });
  followers.push(follower);
  return { follower, told };
}

/** A log whose tail brings every second entry only. */
function lossy(): Pick<Log, "read" | "tail"> {
  let count = 0;
  return {
    read: (query) => log.read(query),
    tail: (deliver) =>
      log.tail((entry) => {
        count += 1;
        if (count % 2 === 0) deliver(entry);
      }),
  };
}

test("what was there is told before the start has resolved, and then what is new", async () => {
  await append("a");
  await append("elsewhere", "anywire.system.other");
  await append("b");
  const { follower, told } = follow();
  await follower.start();
  expect(told).toEqual(["a", "b"]);
  await append("c");
  await append("elsewhere", "anywire.system.another");
  await follower.catchUp();
  expect(told).toEqual(["a", "b", "c new"]);
});

test("what is stored while the start reads is told once, in order", async () => {
  for (let i = 0; i < 1_500; i += 1) await append(`before-${i}`);
  const { follower, told } = follow();
  const starting = follower.start().then(() => told.length);
  const appending = Array.from({ length: 500 }, (_, i) => append(`during-${i}`));
  const [toldAtStart] = await Promise.all([starting, ...appending]);
  expect(toldAtStart).toBeGreaterThanOrEqual(1_500);
  await follower.catchUp();
  const ids = told.map((id) => id.replace(" new", ""));
  const { entries } = await log.read({ pattern: CHANNEL, limit: 10_000, order: "asc" });
  expect(ids).toEqual(entries.map(({ id }) => id));
});

test("what the tail left out is read before the entry behind it", async () => {
  const { follower, told } = follow(lossy());
  await follower.start();
  for (const id of ["a", "b", "c", "d"]) await append(id);
  // Whoever reads on waits for what was heard before.
  await follower.catchUp();
  expect(told).toEqual(["a new", "b new", "c new", "d new"]);
});

test("one that is closed, or was not started, reads nothing", async () => {
  const { follower } = follow();
  await expect(follower.catchUp()).rejects.toMatchObject({ code: "unavailable" });
  await follower.start();
  follower.close();
  await expect(follower.catchUp()).rejects.toMatchObject({ code: "unavailable" });
});
