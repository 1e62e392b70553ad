import { createMemoryLog, createMemoryState, MemoryLogBackend } from "@anywire/engines/memory";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import type { Principal } from "../access/principal.ts";
import { principalOf } from "../access/principal.ts";
import type { BeforePublish } from "../pipeline/pipeline.ts";
import type { EntryDraft, Log } from "../ports/log.ts";
import type { StateStore } from "../ports/state-store.ts";
import { createEarlyRefusal } from "./refuse-early.ts";

const ROOM = "p.group.room";
const HALL = "p.group.hall";
const bob: Principal = principalOf({ sub: "bob", platform: "p" });

let log: Log;
let state: StateStore;
let get: StateStore["get"];
let reads: number;
let refuse: BeforePublish;

beforeEach(async () => {
  const backend = new MemoryLogBackend();
  log = createMemoryLog(backend);
  state = createMemoryState(backend);
  await log.start();
  await state.start();
  reads = 0;
  get = (addresses, freshness) => state.get(addresses, freshness);
  const counted: StateStore["get"] = (addresses, freshness) => {
    reads += 1;
    return get(addresses, freshness);
  };
  refuse = createEarlyRefusal({ log, state: { get: counted }, isArchived: () => undefined });
  const opened = {
    type: "group",
    title: null,
    avatarUrl: null,
    connection: null,
    history: "all",
    meta: {},
    participants: [{ address: "account:bob", role: "owner" }],
    isFixed: false,
  };
  await log.append({ ...say(ROOM, "opened"), kind: "opened", dataJson: JSON.stringify(opened) });
});

function say(channel: string, id: string, over: object = {}): EntryDraft {
  const dataJson = JSON.stringify({ text: id, ...over });
  return { channel, id, kind: "message", sender: "account:bob", dataJson };
}

async function checked(draft: EntryDraft): Promise<EntryDraft> {
  return await refuse(draft, bob);
}

async function archive(): Promise<void> {
  const data = JSON.stringify({ archived: true });
  await log.append({ ...say(ROOM, "archive"), kind: "updated", dataJson: data });
}

test("lets pass what the fold takes, and looks once for many messages on a channel that nobody opened", async () => {
  await Promise.all(["1", "2", "3"].map((id) => checked(say(HALL, id))));
  for (const id of ["4", "5"]) await checked(say(HALL, id));
  expect(reads).toBe(1);
  await checked({ ...say(ROOM, "x"), kind: "data" });
  expect(reads).toBe(1);
  await checked(say(ROOM, "y"));
  expect(reads).toBe(2);
});

test("refuses a message on an archived channel, and an answer to what is not there", async () => {
  await expect(checked(say(ROOM, "1", { thread: "none" }))).rejects.toMatchObject({
    code: "not_found",
  });
  await log.append(say(ROOM, "root"));
  await checked(say(ROOM, "2", { thread: "root" }));
  await checked(say(ROOM, "3"));
  await archive();
  await expect(checked(say(ROOM, "4"))).rejects.toMatchObject({ code: "conflict" });
});

test("asks anew before it refuses: what was appended here may not have been there yet", async () => {
  const root = await log.append(say(ROOM, "root"));
  get = async (addresses, freshness) => {
    const found = await state.get(addresses, freshness);
    return freshness?.mayTrail === true
      ? { ...found, values: found.values.map((value, i) => (i === 0 ? value : undefined)) }
      : found;
  };
  await checked(say(ROOM, "answer", { thread: root.entry.id }));
  expect(reads).toBe(2);
});

// Whoever heard of a message through the log and answered in its thread at once, on a node whose state had not come that far,
// was told that there is no such message.
test("does not refuse an answer to a message that is in the log and not in the state yet", async () => {
  const root = await log.append(say(ROOM, "root"));
  get = async (addresses, freshness) => {
    const found = await state.get(addresses, freshness);
    if ((freshness?.atLeast ?? 0) >= root.entry.offset) return found;
    return { ...found, values: found.values.map((value, i) => (i === 0 ? value : undefined)) };
  };
  await checked(say(ROOM, "answer", { thread: root.entry.id }));
});

test("a state that is away stops no message", async () => {
  get = () => Promise.reject(new Error("away"));
  await checked(say(ROOM, "1"));
  await checked(say(ROOM, "2", { thread: "none" }));
  vi.useFakeTimers();
  get = () => new Promise(() => {});
  const late = checked(say(HALL, "3"));
  await vi.advanceTimersByTimeAsync(1_000);
  vi.useRealTimers();
  expect(await late).toMatchObject({ id: "3" });
});

// Each waited a second after the one before it, so they came to wait without a bound.
test("messages on one channel wait together for a state that is away, or trails", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const passed: string[] = [];
  const send = async (draft: EntryDraft): Promise<void> => {
    passed.push((await checked(draft)).id);
  };
  get = () => new Promise(() => {});
  for (const id of ["1", "2", "3"]) void send(say(HALL, id));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(passed).toEqual(["1", "2", "3"]);
  get = (addresses, { mayTrail } = {}) => (mayTrail ? state.get(addresses) : new Promise(() => {}));
  for (const id of ["4", "5", "6"]) void send(say(ROOM, id, { thread: "none" }));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(passed).toEqual(["1", "2", "3", "4", "5", "6"]);
});

test("entries of one channel stay in order, whatever each has to wait for", async () => {
  const answers: (() => void)[] = [];
  get = async (addresses, freshness) => {
    await new Promise<void>((resolve) => answers.push(resolve));
    return state.get(addresses, freshness);
  };
  await log.append(say(ROOM, "root"));
  const done: string[] = [];
  const send = async (draft: EntryDraft): Promise<void> => {
    done.push((await checked(draft)).id);
  };
  const drafts = [
    say(ROOM, "1"),
    say(ROOM, "2", { thread: "root" }),
    { ...say(ROOM, "3"), kind: "data" } as const,
    say(ROOM, "4"),
    say(ROOM, "5", { thread: "root" }),
    say(ROOM, "6"),
  ];
  const all = drafts.map(send);
  await send({ ...say(HALL, "elsewhere"), kind: "data" });
  expect(done).toEqual(["elsewhere"]);
  const answering = setInterval(() => answers.shift()?.(), 0);
  await Promise.all(all);
  clearInterval(answering);
  expect(done).toEqual(["elsewhere", "1", "2", "3", "4", "5", "6"]);
});
