import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Broadcast,
  channelKey,
  createAccess,
  createOperations,
  createPipeline,
  Hub,
  Inboxes,
  type Log,
  membershipKey,
  type Operations,
  principalOf,
  type StateStore,
  type Subscriber,
} from "@anywire/core";
import { createMemoryPresence } from "@anywire/engines/memory";
import { createSqliteEngine, rebuildSqliteState } from "@anywire/engines/sqlite";
import { createChannelTypeRegistry } from "@anywire/types";

// What the messaging model costs on the embedded engine, each commit flushed to disk. Prints one line a measure.
// `--messages 100000` makes the large channel smaller than the million that docs/performance.md tells of.

const BIG = "production.group.big";
const BATCH = 4_000;
const flag = process.argv.indexOf("--messages");
const MESSAGES = flag < 0 ? 1_000_000 : Number(process.argv[flag + 1]);

interface Setup {
  readonly log: Log;
  readonly state: StateStore;
  readonly operations: Operations;
}

function report(what: string, value: string): void {
  console.log(`${what.padEnd(64)} ${value}`);
}

function quantiles(times: number[]): string {
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

async function open({ log }: Setup, channel: string, accounts: readonly string[]): Promise<void> {
  const participants = accounts.map((id, i) => {
    return { address: `account:${id}`, role: i === 0 ? "owner" : "member" };
  });
  const data = {
    ...{ type: "group", title: "Bench", avatarUrl: null, connection: null, history: "all" },
    ...{ meta: {}, isFixed: false, participants },
  };
  const sender = participants[0]?.address ?? "";
  const dataJson = JSON.stringify(data);
  await log.append({ channel, id: "opened", kind: "opened", sender, dataJson });
}

async function say({ log }: Setup, channel: string, from: number, count: number): Promise<void> {
  const drafts = Array.from({ length: count }, (_, i) => {
    const dataJson = `{"text":"hello, this is number ${from + i}"}`;
    const sender = `account:a${(from + i) % 50}`;
    return { channel, id: `m${from + i}`, kind: "message", sender, dataJson } as const;
  });
  await Promise.all(drafts.map((draft) => log.append(draft)));
}

async function sayAll(setup: Setup, channel: string, count: number): Promise<void> {
  for (let i = 0; i < count; i += BATCH) await say(setup, channel, i, Math.min(BATCH, count - i));
}

async function measureBigChannel(setup: Setup): Promise<void> {
  const accounts = Array.from({ length: 10_000 }, (_, i) => `a${i}`);
  report(
    "open a channel of 10,000",
    `${(await timed(() => open(setup, BIG, accounts))).toFixed(0)} ms`,
  );
  const ms = await timed(() => sayAll(setup, BIG, MESSAGES));
  report(
    `append ${MESSAGES} messages to it, ${BATCH} at once`,
    `${Math.round(MESSAGES / (ms / 1000))}/s`,
  );
  const adHoc = await timed(() => sayAll(setup, "production.group.ad-hoc", 100_000));
  report("the same on a channel that nobody opened", `${Math.round(100_000 / (adHoc / 1000))}/s`);
  const times: number[] = [];
  for (let i = 0; i < 1_000; i += 1) {
    const partition = `production.notification.a${100 + i * 9}`;
    times.push(
      await timed(() => setup.state.get([channelKey(BIG), membershipKey(partition, BIG)])),
    );
  }
  report("unread of one of 10,000 in it", quantiles(times));
}

async function measureSnapshot(setup: Setup): Promise<void> {
  const names = Array.from({ length: 5_000 }, (_, i) => `production.group.c${i}`);
  await setup.log.append({
    ...{ channel: "production.notification.s", id: "first-seen", kind: "account" as const },
    ...{ sender: "account:s", dataJson: "{}" },
  });
  await Promise.all(names.map((name, i) => open(setup, name, ["s", `a${i % 90}`, "b"])));
  await Promise.all(names.map((name) => say(setup, name, 0, 1)));
  const principal = principalOf({ sub: "s", platform: "production" });
  const call = (name: string, request: object): Promise<number> =>
    timed(async () => {
      const outcome = await setup.operations.get(name)?.run({ principal }, request);
      JSON.stringify(outcome?.answer);
    });
  const snapshots: number[] = [];
  const pages: number[] = [];
  for (let i = 0; i < 50; i += 1) snapshots.push(await call("me.snapshot", {}));
  for (let i = 0; i < 50; i += 1) pages.push(await call("channel.list", { limit: 50 }));
  report("me.snapshot of 5,000 channels, as JSON", quantiles(snapshots));
  report("a page of 50 of these channels", quantiles(pages));
}

/** Takes what it is given, as a socket that writes would. */
class NullSubscriber implements Subscriber {
  readonly isFull = false;
  readonly counts: { told: number };

  constructor(counts: { told: number }) {
    this.counts = counts;
  }

  enqueue(_: Broadcast): void {
    this.counts.told += 1;
  }

  enqueueAll(broadcasts: readonly Broadcast[]): void {
    this.counts.told += broadcasts.length;
  }

  fellBehind(): void {}

  stalled(_: unknown, cause: unknown): void {
    throw cause;
  }

  lost(_: unknown, cause: unknown): void {
    throw cause;
  }

  missedJoins(): void {}
}

async function measureGroup(setup: Setup): Promise<void> {
  const { log, state } = setup;
  const presence = createMemoryPresence();
  await presence.start();
  const inboxes = new Inboxes({ state, log });
  const bounds = {
    ringSize: 256,
    ringBytes: 64 * 1024 * 1024,
    pageSize: 500,
    idleTopics: 10,
    maxJoinListeners: 100,
  };
  const hub = new Hub({ log, presence, feed: inboxes, ...bounds });
  inboxes.start({ onEvent: (entry) => hub.take(entry), onLeft: () => {} });
  hub.start();
  const group = "production.group.thousand";
  const accounts = Array.from({ length: 1_000 }, (_, i) => `g${i}`);
  await open(setup, group, accounts);
  const counts = { told: 0 };
  for (const account of accounts) {
    const subscriber = new NullSubscriber(counts);
    const { subscription } = await hub.subscribe(`production.notification.${account}`, subscriber);
    await hub.catchUp(subscription);
  }
  const before = await log.head(">");
  const count = 500;
  const usage = process.cpuUsage();
  for (let i = 0; i < count; i += 1) await say(setup, group, i, 1);
  const { user, system } = process.cpuUsage(usage);
  const entries = ((await log.head(">")) - before) / count;
  report("entries in the log for a message into a group of 1,000 online", String(entries));
  report("events told for it, with the counts of each account", String(counts.told / count));
  report("processor time for it, all threads", `${((user + system) / 1000 / count).toFixed(2)} ms`);
  hub.close();
}

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "anywire-model-"));
  const { log, state } = createSqliteEngine({ directory });
  await log.start();
  await state.start();
  const presence = createMemoryPresence();
  await presence.start();
  const channelTypes = createChannelTypeRegistry();
  const access = createAccess({ channelTypes, state, membershipOf: () => undefined });
  const limits = { maxMessageBytes: 65_536, maxDepth: 32 };
  const pipeline = createPipeline({ access, log, presence, ...limits });
  const accountPresences = { of: async () => [] };
  const model = { access, pipeline, log, state, presence, accountPresences, channelTypes };
  const operations = createOperations({ ...model, maxParticipants: 10_000 });
  const setup = { log, state, operations };
  await measureGroup(setup);
  await measureBigChannel(setup);
  await measureSnapshot(setup);
  await state.close();
  await log.close();
  const startedAt = performance.now();
  const { progress, items, isSame } = await rebuildSqliteState(directory, { verify: true });
  const seconds = (performance.now() - startedAt) / 1000;
  const rate = Math.round(progress.entries / seconds);
  report(
    "rebuild the state and compare it",
    `${progress.entries} entries, ${items} items, ${rate} entries/s`,
  );
  report("it is the live state, byte for byte", String(isSame));
  await rm(directory, { recursive: true });
}

await main();
