import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { afterPublish, beforePublish, onInterval } from "../../index.ts";
import { eventually, HOST_BACKENDS, type HostBackend, HostNode } from "./host-node.fixture.ts";
import { type Definitions, InlinePools } from "./inline-pool.fixture.ts";

const ROOM = "production.group.room";

let backend: HostBackend;
let pools: InlinePools;
let node: HostNode;

beforeEach(async () => {
  backend = await HOST_BACKENDS.memory();
  pools = new InlinePools();
  node = new HostNode(backend, { createPool: pools.create, secrets: { token: "s3cret" } });
  await node.start();
});

afterEach(async () => {
  await node.close();
  await backend.dispose();
});

function deploy(definitions: Definitions, disabled: readonly string[] = []): Promise<void> {
  const active = pools.revision(createEntryId(), definitions);
  return node.host.deploy({ active, disabled, since: {} });
}

test("the list tells of each function what it is bound to and how it does", async () => {
  await deploy(
    {
      b: afterPublish(
        "*.group.*",
        () => {
          throw new Error("knows s3cret");
        },
        { maxAttempts: 2, minBackoffMs: 1 },
      ),
      a: beforePublish("*.group.*", () => {}),
      c: onInterval("1h", () => {}),
    },
    ["c"],
  );
  await node.say(ROOM, "hello");
  await eventually(() => expect(node.runs.length).toBe(3));
  const list = await node.host.list();
  expect(list).toMatchObject([
    {
      ...{ name: "a", trigger: "beforePublish", binding: "*.group.*", state: "running", lag: null },
      stats: { runs: 1, errors: 0, retries: 0, lastError: null },
    },
    {
      ...{ name: "b", trigger: "afterPublish", state: "running", options: { maxAttempts: 2 } },
      stats: {
        runs: 2,
        errors: 2,
        retries: 1,
        lastError: { failure: "threw", message: "knows ***" },
      },
    },
    { name: "c", binding: "3600000", state: "disabled", stats: { runs: 0, p50Ms: null } },
  ]);
  expect(list[0]?.stats.p99Ms).toBeCloseTo(1, 1);
  await eventually(async () => expect((await node.host.list())[1]?.lag).toBe(0));
});

test("the list tells of the others while one that is disabled comes to its end", async () => {
  // The consumer that was ending refused to tell its lag, and the whole list failed for as long as its run took.
  const end = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const definitions = {
    a: afterPublish("*.group.*", () => {
      begun.resolve();
      return end.promise;
    }),
    b: beforePublish("*.x.*", () => {}),
  };
  await deploy(definitions);
  await node.say(ROOM, "hello");
  await begun.promise;
  await deploy(definitions, ["a"]);
  const list = await node.host.list().finally(() => end.resolve());
  expect(list).toMatchObject([
    { name: "a", state: "disabled", lag: null },
    { name: "b", state: "running" },
  ]);
});

test("each run is told of, with what it was run for", async () => {
  await deploy({ a: beforePublish("*.group.*", () => {}) });
  const before = Date.now();
  await node.say(ROOM, "hello", "m1");
  expect(node.runs).toMatchObject([
    {
      ...{ name: "a", trigger: "beforePublish", platform: "production", channel: ROOM },
      ...{ traceId: "m1", attempt: 1, isShadow: false, report: { result: { type: "ok" } } },
    },
  ]);
  expect(node.runs[0]?.startedAt).toBeGreaterThanOrEqual(before);
});

test("nodes tell each other what they counted", async () => {
  const definitions = { a: beforePublish("*.group.*", () => {}) };
  await deploy(definitions);
  await node.say(ROOM, "one");
  // Only the clock of what is done again and again stands still until it is told to go on.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    const other = new HostNode(backend, { createPool: pools.create });
    await other.start();
    const active = pools.revision("same", definitions);
    await other.host.deploy({ active, disabled: [], since: {} });
    await other.say(ROOM, "two");
    const runs = async (): Promise<unknown> => (await node.host.list())[0]?.stats.runs;
    expect(await runs()).toBe(1);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await runs()).toBe(2);
    await other.close();
    expect(await runs()).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});

test("a trial runs a function on an event that is filled in, and nothing comes of it", async () => {
  await deploy(
    {
      a: beforePublish("*.sms.*", async (event, { publish, log }) => {
        log.info("s3cret", { key: "s3cret" });
        await publish("production.x.1", event.message.text);
        return event.ok({ text: `${event.channel} ${event.message.text}` });
      }),
    },
    ["a"],
  );
  const report = await node.host.trial("a", { event: { message: { text: "hi" } } });
  expect(report).toMatchObject({
    result: { type: "ok", changed: { text: "production.sms.1 hi" } },
    lines: [{ level: "info", text: "***", fields: { key: "***" } }],
    effects: [{ method: "publish", args: ["production.x.1", "hi"] }],
  });
  expect(await node.texts("production.>")).toEqual([]);
  expect(node.runs).toEqual([]);
  await expect(node.host.trial("none", { event: {} })).rejects.toMatchObject({ code: "not_found" });
  await expect(
    node.host.trial("a", { event: { channel: "production.group.1" } as never }),
  ).rejects.toMatchObject({ code: "bad_request" });
});

test("a trial is on the platform of its event, or of its function", async () => {
  const platforms: string[] = [];
  const note = (_: unknown, { platform }: { platform: string }) => void platforms.push(platform);
  await deploy({
    a: afterPublish("staging.sms.*", note),
    b: onInterval("1h", note, { platform: "staging" }),
    c: onInterval("1h", note),
  });
  for (const name of ["a", "b", "c"]) await node.host.trial(name, { event: {} });
  expect(platforms).toEqual(["staging", "staging", "production"]);
});

test("a trial that is meant to happen does, and is counted and logged", async () => {
  await deploy({
    a: afterPublish("*.sms.*", async (_, { publish, log }) => {
      log.info("said");
      await publish("production.x.1", "hello");
    }),
  });
  await node.host.trial("a", { effects: "live", event: {} });
  expect(await node.texts("production.x.1")).toEqual(["hello"]);
  expect((await node.logged(1))[0]?.text).toBe("said");
  expect((await node.host.list())[0]?.stats.runs).toBe(1);
});

test("a second close waits for the first, which waits for what is under way", async () => {
  const end = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  await deploy({
    a: afterPublish("*.group.*", () => {
      begun.resolve();
      return end.promise;
    }),
  });
  await node.say(ROOM, "hello");
  await begun.promise;
  const [first, second] = [node.host.close(), node.host.close()];
  expect(second).toBe(first);
  end.resolve();
  await first;
  expect(node.runs).toMatchObject([{ report: { result: { type: "ok" } } }]);
});

test("a consumer that is about to begin when the host is closed is closed, too", async () => {
  // It went on with workers that were gone: all that came to it failed.
  const { log } = node.stores;
  const { promise: hasEnded, resolve: end } = Promise.withResolvers<void>();
  const { promise: hasBegun, resolve: begin } = Promise.withResolvers<void>();
  const definition = (pattern: string) => {
    return afterPublish(pattern, () => {
      begin();
      return hasEnded;
    });
  };
  await deploy({ a: definition("*.group.*") });
  await node.say(ROOM, "hello");
  await hasBegun;
  await deploy({ a: definition("*.x.*") });
  const consuming = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const closed = vi.fn<() => void>();
  const consume = log.consume.bind(log);
  log.consume = async (...args) => {
    reached.resolve();
    await consuming.promise;
    const consumer = await consume(...args);
    const close = consumer.close.bind(consumer);
    consumer.close = async () => {
      closed();
      await close();
    };
    return consumer;
  };
  end();
  await reached.promise;
  const closing = node.host.close();
  consuming.resolve();
  await closing;
  expect(closed).toHaveBeenCalledOnce();
});
