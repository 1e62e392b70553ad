import {
  createMemoryLog,
  createMemoryPresence,
  createMemoryState,
  MemoryLogBackend,
  MemoryPresenceBackend,
} from "@anywire/engines/memory";
import { type AccountPresence, notificationChannel, presenceChannel } from "@anywire/types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AccountPresences, type AccountRef } from "./account-presences.ts";

const GRACE_MS = 10_000;
const BOB: AccountRef = { platform: "p", accountId: "bob" };
const NAMES = ["ann", "bob"];

interface Node {
  readonly presences: AccountPresences;
  readonly presence: ReturnType<typeof createMemoryPresence>;
  readonly state: ReturnType<typeof createMemoryState>;
  /** What those were told who watch Bob. */
  readonly told: AccountPresence[];
  readonly errors: unknown[];
}

let backend: MemoryLogBackend;
let rooms: MemoryPresenceBackend;
let here: Node;

async function node(isWatched = true, hears = true): Promise<Node> {
  const [log, state] = [createMemoryLog(backend), createMemoryState(backend)];
  const presence = createMemoryPresence(rooms);
  await Promise.all([log.start(), state.start(), presence.start()]);
  if (!hears) vi.spyOn(presence, "watch").mockReturnValue(presence.watch({ onEvent: () => {} }));
  const told: AccountPresence[] = [];
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const presences = new AccountPresences({ presence, log, state, graceMs: GRACE_MS, onError });
  presences.start({
    isWatched: (channel) => isWatched && channel === presenceChannel("p", "bob"),
    tellHere: (event) => {
      if (event.type === "signal") told.push(JSON.parse(event.dataJson) as AccountPresence);
    },
  });
  return { presences, presence, state, told, errors };
}

/** Opens the accounts, as `me.snapshot` does. */
async function makeKnown(...accounts: string[]): Promise<void> {
  const log = createMemoryLog(backend);
  await log.start();
  for (const account of accounts) {
    const channel = notificationChannel("p", account);
    const sender = `account:${account}`;
    await log.append({ channel, id: "first-seen", kind: "account", sender, dataJson: "{}" });
  }
}

async function entries(): Promise<string[]> {
  const log = createMemoryLog(backend);
  await log.start();
  const page = await log.read({ pattern: ">", limit: 100, order: "asc" });
  return page.entries.map(({ kind, sender }) => `${kind} ${sender}`);
}

async function statuses({ presences }: Node = here): Promise<string[]> {
  return (await presences.of("p", NAMES)).map(({ status }) => status);
}

/** Lets time pass, and what then is due be done. */
async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
}

beforeEach(async () => {
  vi.useFakeTimers({ now: 1_000_000 });
  backend = new MemoryLogBackend();
  rooms = new MemoryPresenceBackend();
  here = await node();
  await makeKnown("bob");
});

afterEach(() => {
  expect(here.errors).toEqual([]);
  vi.useRealTimers();
});

test("an account is online as long as one of its devices is", async () => {
  expect(await statuses()).toEqual(["offline", "offline"]);
  await here.presences.arrive(BOB, "phone");
  await here.presences.arrive(BOB, "desk");
  expect(await statuses()).toEqual(["offline", "online"]);
  await here.presences.depart(BOB, "phone");
  await pass(2 * GRACE_MS);
  expect(await statuses()).toEqual(["offline", "online"]);
  await here.presences.depart(BOB, "desk");
  await pass(2 * GRACE_MS);
  expect(await statuses()).toEqual(["offline", "offline"]);
});

test("it is away when all of its devices are, and those who watch it are told at once", async () => {
  await here.presences.arrive(BOB, "phone");
  await here.presences.arrive(BOB, "desk");
  await here.presences.setStatus(BOB, "phone", "away");
  expect(await statuses()).toEqual(["offline", "online"]);
  await here.presences.setStatus(BOB, "desk", "away");
  expect(await statuses()).toEqual(["offline", "away"]);
  await pass(0);
  expect(here.told.at(-1)).toEqual({ account: "bob", status: "away", lastSeenAt: null });
  await here.presences.setStatus(BOB, "desk", "online");
  await pass(0);
  expect(here.told.at(-1)?.status).toBe("online");
});

test("of what a device says in a row the last counts, and when it goes at once nothing is left of it", async () => {
  // Both at once took the other's place away before either had taken its own, and it was in both.
  await here.presences.arrive(BOB, "phone");
  await here.presences.setStatus(BOB, "phone", "away");
  const said = (["online", "away"] as const).map((status) =>
    here.presences.setStatus(BOB, "phone", status),
  );
  await Promise.all(said);
  expect(await statuses()).toEqual(["offline", "away"]);
  const last = here.presences.setStatus(BOB, "phone", "online");
  await Promise.all([last, here.presences.depart(BOB, "phone")]);
  await pass(2 * GRACE_MS);
  expect(await statuses()).toEqual(["offline", "offline"]);
});

test("whoever comes back within the grace was never away", async () => {
  await here.presences.arrive(BOB, "phone");
  await pass(0);
  const before = here.told.length;
  await here.presences.depart(BOB, "phone");
  await pass(GRACE_MS - 1);
  expect(await statuses()).toEqual(["offline", "online"]);
  await here.presences.arrive(BOB, "phone-again");
  await pass(3 * GRACE_MS);
  expect(here.told.slice(before).map(({ status }) => status)).toEqual(["online"]);
  expect(await entries()).toEqual(["account account:bob"]);
});

test("within the grace a device that was away when it went still is", async () => {
  await here.presences.arrive(BOB, "phone");
  await here.presences.setStatus(BOB, "phone", "away");
  await here.presences.depart(BOB, "phone");
  await pass(GRACE_MS - 1);
  expect(await statuses()).toEqual(["offline", "away"]);
});

test("within the grace every node says so, also one that heard of nothing and when the device's own has closed", async () => {
  await here.presences.arrive(BOB, "phone");
  await here.presences.setStatus(BOB, "phone", "away");
  await here.presences.depart(BOB, "phone");
  await here.presences.close();
  await here.presence.close();
  const there = await node(false);
  await pass(GRACE_MS - 1);
  expect(await statuses(there)).toEqual(["offline", "away"]);
  await pass(1);
  expect(await statuses(there)).toEqual(["offline", "offline"]);
});

test("those who begin to watch within the grace, and ask, are told when it is over", async () => {
  await here.presences.arrive(BOB, "phone");
  await here.presences.depart(BOB, "phone");
  await pass(GRACE_MS / 2);
  const there = await node();
  expect(await statuses(there)).toEqual(["offline", "online"]);
  await pass(GRACE_MS / 2);
  expect(there.told).toEqual([{ account: "bob", status: "offline", lastSeenAt: 1_000_000 }]);
});

test("nor do they wait for who left later, and was heard of before", async () => {
  await here.presences.arrive(BOB, "phone");
  await here.presences.depart(BOB, "phone");
  await pass(GRACE_MS - 1_000);
  const there = await node();
  const ann: AccountRef = { platform: "p", accountId: "ann" };
  await there.presences.arrive(ann, "desk");
  await there.presences.depart(ann, "desk");
  expect(await statuses(there)).toEqual(["online", "online"]);
  await pass(1_000);
  expect(there.told.map(({ status }) => status)).toEqual(["offline"]);
});

test("when the grace is over it is offline, last seen when its last device went", async () => {
  await here.presences.arrive(BOB, "phone");
  await pass(5_000);
  await here.presences.depart(BOB, "phone");
  await pass(GRACE_MS);
  const offline = { account: "bob", status: "offline", lastSeenAt: 1_005_000 };
  expect(here.told.at(-1)).toEqual(offline);
  expect((await here.presences.of("p", ["bob"]))[0]).toEqual(offline);
  expect(await entries()).toEqual(["account account:bob", "seen account:bob"]);
  // It is not kept here: another node reads the same.
  expect((await (await node()).presences.of("p", ["bob"]))[0]).toEqual(offline);
});

test("who comes back while it is written down that it has gone is told of last", async () => {
  await here.presences.arrive(BOB, "phone");
  await here.presences.depart(BOB, "phone");
  const { promise: isHeldUp, resolve: goOn } = Promise.withResolvers<void>();
  const get = here.state.get.bind(here.state);
  vi.spyOn(here.state, "get").mockImplementationOnce(async (addresses) => {
    await isHeldUp;
    return get(addresses);
  });
  await pass(GRACE_MS);
  await here.presences.arrive(BOB, "desk");
  await pass(0);
  goOn();
  await pass(0);
  expect(here.told.at(-1)?.status).toBe("online");
});

test("while it is there nobody is told when it was last seen", async () => {
  await here.presences.arrive(BOB, "phone");
  await here.presences.depart(BOB, "phone");
  await pass(GRACE_MS);
  await here.presences.arrive(BOB, "phone");
  expect((await here.presences.of("p", ["bob"]))[0]?.lastSeenAt).toBeNull();
});

test("several nodes tell their own watchers the same, and one writes it down", async () => {
  const there = await node();
  await here.presences.arrive(BOB, "phone");
  await there.presences.arrive(BOB, "desk");
  await here.presences.depart(BOB, "phone");
  await pass(2 * GRACE_MS);
  expect(await statuses(there)).toEqual(["offline", "online"]);
  expect(await statuses()).toEqual(["offline", "online"]);
  await there.presences.depart(BOB, "desk");
  await pass(2 * GRACE_MS);
  expect(here.told.at(-1)).toEqual(there.told.at(-1));
  expect(here.told.at(-1)?.status).toBe("offline");
  expect((await entries()).filter((entry) => entry.startsWith("seen"))).toHaveLength(1);
});

test("when the node of the last device is no more, that of the one before writes it down", async () => {
  const room = "p._online.bob";
  await here.presences.arrive(BOB, "phone");
  const crashing = {};
  rooms.join(room, { client: "desk", user: "bob" }, crashing);
  await here.presences.depart(BOB, "phone");
  await pass(1_000);
  rooms.leave(room, "desk", crashing);
  await pass(GRACE_MS);
  expect((await here.presences.of("p", ["bob"]))[0]?.lastSeenAt).toBe(1_001_000);
});

test("a node that does not hear of the others' devices waits for the grace of the last one", async () => {
  const deaf = await node(false, false);
  await deaf.presences.arrive(BOB, "phone");
  await here.presences.arrive(BOB, "desk");
  await deaf.presences.depart(BOB, "phone");
  await pass(4_000);
  await here.presences.depart(BOB, "desk");
  await pass(GRACE_MS - 1);
  expect(await entries()).toEqual(["account account:bob"]);
  await pass(1);
  expect(await entries()).toContain("seen account:bob");
  expect((await deaf.presences.of("p", ["bob"]))[0]?.lastSeenAt).toBe(1_004_000);
});

test("whom nobody watches nobody is told of, and whom no model knows is not in the log", async () => {
  const alone = await node(false);
  const ann: AccountRef = { platform: "p", accountId: "ann" };
  await alone.presences.arrive(ann, "phone");
  await alone.presences.depart(ann, "phone");
  await pass(2 * GRACE_MS);
  expect(alone.told).toEqual([]);
  expect(await entries()).toEqual(["account account:bob"]);
});

test("a node that closes writes down at once who has gone", async () => {
  await here.presences.arrive(BOB, "phone");
  await here.presences.depart(BOB, "phone");
  await here.presences.close();
  expect(await entries()).toEqual(["account account:bob", "seen account:bob"]);
  await pass(2 * GRACE_MS);
  expect(await entries()).toHaveLength(2);
});

test("a node that closes waits for who is going, and writes nobody down twice", async () => {
  await here.presences.arrive(BOB, "phone");
  await here.presences.depart(BOB, "phone");
  let goOn = (): void => {};
  const isHeldUp = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  vi.spyOn(here.presence, "lately").mockImplementationOnce(async () => {
    await isHeldUp;
    return [];
  });
  await pass(GRACE_MS);
  const ann: AccountRef = { platform: "p", accountId: "ann" };
  await makeKnown("ann");
  await here.presences.arrive(ann, "desk");
  const isGoing = here.presences.depart(ann, "desk");
  const isClosed = here.presences.close();
  await pass(0);
  goOn();
  await Promise.all([isGoing, isClosed]);
  const seen = (await entries()).filter((entry) => entry.startsWith("seen"));
  expect(seen.sort()).toEqual(["seen account:ann", "seen account:bob"]);
});

test("thousands who go at once are all written down, and no timer is left", async () => {
  const accounts = Array.from({ length: 1_500 }, (_, i) => ({ platform: "p", accountId: `a${i}` }));
  await makeKnown(...accounts.map(({ accountId }) => accountId));
  for (const account of accounts) await here.presences.arrive(account, account.accountId);
  for (const account of accounts) await here.presences.depart(account, account.accountId);
  expect(vi.getTimerCount()).toBe(1);
  await pass(GRACE_MS);
  const names = accounts.map(({ accountId }) => accountId);
  const seen = (await here.presences.of("p", names)).filter(
    ({ lastSeenAt }) => lastSeenAt !== null,
  );
  expect(seen).toHaveLength(accounts.length);
  expect(vi.getTimerCount()).toBe(0);
});

test("what fails is told, and the others are looked after all the same", async () => {
  const [ann, bob] = [{ platform: "p", accountId: "ann" }, BOB];
  await makeKnown("ann");
  for (const account of [ann, bob]) await here.presences.arrive(account, account.accountId);
  for (const account of [ann, bob]) await here.presences.depart(account, account.accountId);
  vi.spyOn(here.presence, "lately").mockRejectedValueOnce(new Error("for a test"));
  await pass(GRACE_MS);
  expect(here.errors.splice(0)).toHaveLength(1);
  expect((await here.presences.of("p", ["bob"]))[0]?.lastSeenAt).toBe(1_000_000);
});
