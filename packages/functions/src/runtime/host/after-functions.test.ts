import type { LogEntry } from "@anywire/core";
import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { afterPresence, afterPublish, afterSignal, beforePublish } from "../../index.ts";
import type { Deployment } from "./deployment.ts";
import { BOB, eventually, HOST_BACKENDS, type HostBackend, HostNode } from "./host-node.fixture.ts";
import { type Definitions, InlinePools } from "./inline-pool.fixture.ts";

const ROOM = "production.group.room";
/** Failures are tried again at once. */
const FAST = { maxAttempts: 2, minBackoffMs: 1, maxBackoffMs: 1 };

describe.each(Object.keys(HOST_BACKENDS))("functions that run after something, on %s", (engine) => {
  let backend: HostBackend;
  let pools: InlinePools;
  let node: HostNode;
  let nodes: HostNode[];

  beforeEach(async () => {
    backend = await HOST_BACKENDS[engine as keyof typeof HOST_BACKENDS]();
    pools = new InlinePools();
    nodes = [];
    node = await startNode();
  });

  afterEach(async () => {
    for (const one of nodes) await one.close();
    await backend.dispose();
  });

  async function startNode(options: { readonly runsAfter?: boolean } = {}): Promise<HostNode> {
    const one = new HostNode(backend, { createPool: pools.create, ...options });
    nodes.push(one);
    await one.start();
    return one;
  }

  function deploy(
    definitions: Definitions,
    rest: Partial<Deployment> = {},
    on: HostNode = node,
  ): Promise<void> {
    const active = pools.revision(createEntryId(), definitions);
    return on.host.deploy({ active, disabled: [], since: {}, ...rest });
  }

  /** A function that tells what it saw. */
  function witness(pattern = "*.group.*"): { seen: unknown[]; definition: Definitions[string] } {
    const seen: unknown[] = [];
    return { seen, definition: afterPublish(pattern, (event) => void seen.push(event)) };
  }

  test("it sees what was stored, with its offset and what led to it", async () => {
    const { seen, definition } = witness();
    await deploy({ a: definition });
    const entry = await node.say(ROOM, "hello", "m1");
    await node.say("production.sms.1", "elsewhere");
    await eventually(() => expect(seen.length).toBe(1));
    expect(seen).toMatchObject([
      {
        ...{ channel: ROOM, platform: "production", channelType: "group", channelId: "room" },
        ...{ kind: "message", id: "m1", sender: "account:bob", message: { text: "hello" } },
        ...{ offset: entry.offset, at: entry.at, timetoken: entry.timetoken, attempt: 1 },
        trace: { id: "m1", via: [] },
      },
    ]);
  });

  test("what failed is tried again, then given up, and can be handled once more", async () => {
    let isBroken = true;
    const handled: string[] = [];
    await deploy({
      a: afterPublish(
        "*.group.*",
        (event) => {
          if (isBroken) throw new Error(`cannot ${event.message.text}`);
          handled.push(event.message.text);
        },
        FAST,
      ),
    });
    const entry = await node.say(ROOM, "hello");
    await node.say(ROOM, "later");
    const letters = await eventually(async () => {
      const found = await node.host.deadLetters("a", 0, 10);
      expect(found.length).toBe(2);
      return found;
    });
    expect(letters[0]).toMatchObject({
      entry: { offset: entry.offset },
      attempts: 2,
      error: "threw: cannot hello",
    });
    const lines = await node.logged(4);
    expect(lines.map(({ level, text, attempt }) => [level, text, attempt])).toEqual([
      ["warn", "attempt 1 of 2 failed, and is made again: cannot hello", 1],
      ["error", "given up after 2 attempts: cannot hello", 2],
      ["warn", "attempt 1 of 2 failed, and is made again: cannot later", 1],
      ["error", "given up after 2 attempts: cannot later", 2],
    ]);
    expect(await node.host.replay("a", entry.offset)).toEqual({
      replayed: 0,
      failed: 1,
      isElsewhere: false,
    });
    isBroken = false;
    expect(await node.host.replay("a")).toEqual({ replayed: 2, failed: 0, isElsewhere: false });
    expect(handled).toEqual(["hello", "later"]);
    expect(await node.host.deadLetters("a", 0, 10)).toEqual([]);
    await expect(node.host.replay("a", entry.offset)).rejects.toMatchObject({ code: "not_found" });
    await expect(node.host.deadLetters("b", 0, 10)).rejects.toMatchObject({ code: "not_found" });
  });

  test("what it publishes is published once, though the run is tried again", async () => {
    await deploy({
      a: afterPublish(
        "*.group.*",
        async (event, { publish, publishData }) => {
          const said = await publish("production.x.1", "said");
          await publishData("production.x.1", { text: "data" }, { sender: "account:ann" });
          if (event.attempt === 1) throw new Error(said.id);
        },
        FAST,
      ),
    });
    await node.say(ROOM, "hello", "m1");
    await eventually(() => expect(node.runs.length).toBe(2));
    const { entries } = await node.stores.log.read({
      ...{ pattern: "production.x.1", limit: 10, order: "asc" },
    });
    expect(entries.map(({ kind, sender, trace }) => ({ kind, sender, trace }))).toEqual([
      { kind: "message", sender: "function:a", trace: { id: "m1", via: ["a"] } },
      { kind: "data", sender: "account:ann", trace: { id: "m1", via: ["a"] } },
    ]);
  });

  test("two functions that call each other end in an error that names them", async () => {
    const to =
      (channel: string) =>
      async (_: unknown, { publish }: { publish: Publish }) =>
        void (await publish(channel, "again"));
    type Publish = (channel: string, text: string) => Promise<unknown>;
    await deploy({
      ping: afterPublish("*.group.a", to("production.group.b"), { ...FAST, maxAttempts: 1 }),
      pong: afterPublish("*.group.b", to("production.group.a"), { ...FAST, maxAttempts: 1 }),
    });
    await node.say("production.group.a", "go");
    const [line] = await node.logged(1);
    expect(line?.text).toContain("functions go in a circle, ping → pong → ping");
    expect(line?.text).toContain("no more than 16 functions");
    expect((await node.texts("production.group.a")).length).toBe(9);
  });

  test("it goes on where it stopped, on another node and another revision", async () => {
    const first = witness();
    await deploy({ a: first.definition });
    await node.say(ROOM, "one");
    await eventually(() => expect(first.seen.length).toBe(1));
    await node.host.close();
    const other = await startNode();
    await other.say(ROOM, "two");
    const second = witness();
    await deploy({ a: second.definition }, {}, other);
    await other.say(ROOM, "three");
    await eventually(() => expect(second.seen.length).toBe(2));
    expect(first.seen.length).toBe(1);
    expect(second.seen).toMatchObject([
      { message: { text: "two" } },
      { message: { text: "three" } },
    ]);
  });

  test("while it is disabled nothing is lost for it, unless it begins behind that", async () => {
    const { seen, definition } = witness();
    const definitions = { a: definition };
    await deploy(definitions);
    await deploy(definitions, { disabled: ["a"] });
    await eventually(() =>
      expect(node.host.deadLetters("a", 0, 1)).rejects.toThrow("a is disabled; enable it first"),
    );
    const missed = await node.say(ROOM, "missed");
    await deploy(definitions);
    await eventually(() => expect(seen.length).toBe(1));
    await deploy(definitions, { disabled: ["a"] });
    await node.say(ROOM, "passed over");
    const last = await node.say(ROOM, "passed over, too");
    await deploy(definitions, { since: { a: last.offset } });
    await node.say(ROOM, "now");
    await eventually(() => expect(seen.length).toBe(2));
    expect(seen).toMatchObject([{ offset: missed.offset }, { message: { text: "now" } }]);
  });

  test("what came after it was decided and before a node ran it is for it", async () => {
    const decided = await node.say(ROOM, "before");
    await node.say(ROOM, "between");
    const { seen, definition } = witness();
    await deploy({ a: definition }, { since: { a: decided.offset } });
    await eventually(() => expect(seen).toMatchObject([{ message: { text: "between" } }]));
  });

  test("a new revision of a function handles what comes from then on", async () => {
    const [first, second] = [witness(), witness()];
    await deploy({ a: first.definition });
    await node.say(ROOM, "one");
    await eventually(() => expect(first.seen.length).toBe(1));
    await deploy({ a: second.definition });
    await node.say(ROOM, "two");
    await eventually(() => expect(second.seen).toMatchObject([{ message: { text: "two" } }]));
    expect(first.seen.length).toBe(1);
  });

  test("what has one attempt is given up after one", async () => {
    const fails = (): never => {
      throw new Error("never");
    };
    await deploy({ a: afterPublish("*.group.*", fails, { ...FAST, maxAttempts: 1 }) });
    await node.say(ROOM, "hello");
    expect((await node.logged(1))[0]?.text).toBe("given up after 1 attempt: never");
  });

  test("another pattern or other attempts hold from the next entry on", async () => {
    const { seen, definition } = witness("*.group.room");
    await deploy({ a: definition });
    await node.say(ROOM, "one");
    await eventually(() => expect(seen.length).toBe(1));
    const wider = afterPublish("*.*.room", definition.run as never, { ...FAST, maxAttempts: 1 });
    await deploy({ a: wider });
    await node.say("production.x.room", "two");
    await eventually(() => expect(node.runs.length).toBe(2));
  });

  test("where a function was taken out, its work ends and its pool with it", async () => {
    const { seen, definition } = witness();
    const active = pools.revision("first", { a: definition });
    await node.host.deploy({ active, disabled: [], since: {} });
    await node.say(ROOM, "one");
    await eventually(() => expect(seen.length).toBe(1));
    await deploy({ b: beforePublish(">", () => {}) });
    await node.say(ROOM, "two");
    await eventually(() => expect(pools.closed).toContain("first"));
    expect(seen.length).toBe(1);
    await expect(node.host.deadLetters("a", 0, 1)).rejects.toMatchObject({ code: "not_found" });
    // It said that there is no function b.
    await expect(node.host.replay("b")).rejects.toMatchObject({
      code: "not_found",
      message: "b is bound by beforePublish: only what runs after something is kept when it fails",
    });
  });

  test("what a stopping server ended is run again elsewhere, also at its last attempt", async () => {
    // It was a failed attempt like another: a restart made a dead letter of what may run once only, and said that it was given up.
    const begun = Promise.withResolvers<void>();
    const options = { maxAttempts: 1 };
    await deploy({
      a: afterPublish("*.group.*", () => new Promise<void>(() => begun.resolve()), options),
    });
    const { offset } = await node.say(ROOM, "hello");
    await begun.promise;
    await node.host.close(0);
    const seen: unknown[] = [];
    const other = await startNode();
    const again = afterPublish("*.group.*", (event) => void seen.push(event), options);
    await deploy({ a: again }, {}, other);
    await eventually(() => expect(seen).toMatchObject([{ offset, attempt: 1 }]));
    expect(await other.host.deadLetters("a", 0, 10)).toEqual([]);
    const [line] = await other.logged(1);
    expect(line?.text).toBe("was stopped, and is run again: the pool was closed");
  });

  test("a dead letter from before a function began anew is handled all the same when it is asked for", async () => {
    // It was passed over like everything before that, told as handled, and gone.
    let isBroken = true;
    const handled: string[] = [];
    const definitions = {
      a: afterPublish(
        "*.group.*",
        (event) => {
          if (isBroken) throw new Error("no");
          handled.push(event.message.text);
        },
        { maxAttempts: 1 },
      ),
    };
    await deploy(definitions);
    const { offset } = await node.say(ROOM, "hello");
    await eventually(async () => {
      expect((await node.host.deadLetters("a", 0, 10)).length).toBe(1);
    });
    isBroken = false;
    await deploy(definitions, { since: { a: offset } });
    await eventually(async () => {
      expect(await node.host.replay("a")).toMatchObject({ replayed: 1, failed: 0 });
    });
    expect(handled).toEqual(["hello"]);
  });

  test("a node that runs none of them leaves them to the others, and keeps what happens live", async () => {
    const signals: unknown[] = [];
    const definitions = {
      a: afterSignal("*.group.*", (event) => void signals.push(event)),
    };
    const edge = await startNode({ runsAfter: false });
    await deploy(definitions, {}, edge);
    await deploy(definitions);
    await expect(edge.host.deadLetters("a", 0, 1)).rejects.toMatchObject({ code: "unavailable" });
    await edge.pipeline.signal(BOB, {
      channel: ROOM,
      client: "c1",
      kind: "typing",
      data: { on: 1 },
    });
    await eventually(() => expect(signals.length).toBe(1));
    expect(signals).toMatchObject([
      {
        ...{ channel: ROOM, kind: "typing", accountId: "bob", client: "c1", data: { on: 1 } },
        ...{ channelType: "group", attempt: 1 },
      },
    ]);
  });

  test("dead letters are handled where the function's consumer is worked, and listed anywhere", async () => {
    const definitions = {
      a: afterPublish("*.group.*", () => Promise.reject(new Error("no")), { maxAttempts: 1 }),
    };
    await deploy(definitions);
    const other = await startNode();
    await deploy(definitions, {}, other);
    const { offset } = await node.say(ROOM, "hello");
    await eventually(async () =>
      expect(await other.host.deadLetters("a", 0, 10)).toMatchObject([{ entry: { offset } }]),
    );
    expect(await other.host.replay("a")).toEqual({ replayed: 0, failed: 0, isElsewhere: true });
    expect(await node.host.replay("a")).toEqual({ replayed: 0, failed: 1, isElsewhere: false });
  });

  test("a signal that failed is tried again, and only those are kept that a function waits for", async () => {
    const attempts: number[] = [];
    await deploy({
      a: afterSignal(
        "production.group.*",
        (event) => {
          attempts.push(event.attempt);
          if (event.attempt === 1) throw new Error("not yet");
        },
        FAST,
      ),
    });
    const signal = (channel: string) =>
      node.pipeline.signal(BOB, { channel, client: "c1", kind: "typing", data: null });
    await signal(ROOM);
    await signal("production.x.1");
    await eventually(() => expect(attempts.length).toBe(2));
    const { entries } = await node.stores.log.read({
      ...{ pattern: "production.event.*", limit: 10, order: "asc" },
    });
    expect(entries.map(({ kind, sender }) => [kind, sender])).toEqual([["signal", "account:bob"]]);
  });

  test("who comes and goes is seen, also where their node died", async () => {
    const seen: string[] = [];
    await deploy({
      a: afterPresence("*.group.*", ({ action, accountId, client, channel }) => {
        seen.push(`${accountId} ${action} ${client} ${channel}`);
      }),
    });
    const join = { action: "join", channel: ROOM, accountId: "bob", client: "c1" } as const;
    await node.host.onPresence(join);
    await node.host.onPresence({ ...join, action: "leave" });
    await node.host.onPresence({ ...join, channel: "production.x.1" });
    await eventually(() => expect(seen.length).toBe(2));
    expect(seen).toEqual([`bob join c1 ${ROOM}`, `bob leave c1 ${ROOM}`]);
  });

  test("one that is slow leaves room for another", async () => {
    const end = Promise.withResolvers<void>();
    const { seen, definition } = witness();
    await deploy({ slow: afterPublish("*.group.*", () => end.promise), fast: definition });
    for (let i = 0; i < 100; i += 1) await node.say(`production.group.${i}`, "hello");
    await eventually(() => expect(seen.length).toBe(100));
    // Of the 32 slots of the test's limits it has a quarter.
    await eventually(() => expect(node.host.stats().running).toBe(8));
    end.resolve();
  });

  test("entries of one channel come one after the other in their order", async () => {
    const seen: number[] = [];
    await deploy({
      a: afterPublish("*.group.*", async (event) => {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(event.offset);
      }),
    });
    const said: Promise<LogEntry>[] = [];
    for (let i = 0; i < 50; i += 1) said.push(node.say(ROOM, `${i}`));
    const offsets = (await Promise.all(said)).map(({ offset }) => offset);
    await eventually(() => expect(seen.length).toBe(50));
    expect(seen).toEqual(offsets.sort((a, b) => a - b));
  });
});
