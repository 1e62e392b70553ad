import { createEntryId } from "@anywire/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import { beforePublish, beforeSignal, type OkResult } from "../../index.ts";
import type { Deployment } from "./deployment.ts";
import { BOB, HOST_BACKENDS, type HostBackend, HostNode } from "./host-node.fixture.ts";
import { type Definitions, InlinePools } from "./inline-pool.fixture.ts";

const ROOM = "production.group.room";

let backend: HostBackend;
let pools: InlinePools;
let node: HostNode;

beforeEach(async () => {
  backend = await HOST_BACKENDS.memory();
  pools = new InlinePools();
  node = new HostNode(backend, { createPool: pools.create, limits: { maxHops: 3 } });
  await node.start();
});

afterEach(async () => {
  await node.close();
  await backend.dispose();
});

function deploy(definitions: Definitions, rest: Partial<Deployment> = {}): Promise<void> {
  const active = pools.revision(createEntryId(), definitions);
  return node.host.deploy({ active, disabled: [], since: {}, ...rest });
}

test("functions run in the order of their names, each on what the one before made of it", async () => {
  const append = (letter: string) =>
    beforePublish("*.group.*", (event) => {
      event.message.text += letter;
    });
  await deploy({ b: append("b"), a: append("a"), c: append("c") });
  await node.say(ROOM, "-");
  expect(await node.texts(ROOM)).toEqual(["-abc"]);
});

test("a message that no function is bound to passes at once, without a promise", async () => {
  await deploy({ a: beforePublish("*.sms.*", () => {}) });
  const draft = {
    ...{ channel: ROOM, id: "1", sender: "account:bob", dataJson: '{"text":"hello"}' },
    kind: "message" as const,
  };
  expect(node.host.beforePublish(draft, BOB)).toBe(draft);
  expect(["production.sms.1", ROOM].map((channel) => node.host.isInTheWayOf(channel))).toEqual([
    ...[true, false],
  ]);
});

test("what is refused is told to the sender with its reason, and is not stored", async () => {
  await deploy({ polite: beforePublish(">", (event) => event.abort("be polite".repeat(1000))) });
  await expect(node.say(ROOM, "rude")).rejects.toMatchObject({
    code: "function_aborted",
    message: expect.stringMatching(/^be polite.{0,995}…$/),
    details: { function: "polite" },
  });
  expect(await node.texts(ROOM)).toEqual([]);
});

test("only the kinds that a function asks for are shown to it", async () => {
  const seen: string[] = [];
  const note = (name: string) => (event: { kind: string }) =>
    void seen.push(`${name} ${event.kind}`);
  await deploy({
    all: beforePublish(">", note("all"), { kinds: ["message", "edit", "data"] }),
    normal: beforePublish(">", note("normal")),
  });
  await node.say(ROOM, "hello", "m1");
  await node.pipeline.publish(BOB, { channel: ROOM, kind: "data", data: [1] });
  const dataJson = JSON.stringify({ target: "m1", message: { text: "changed" } });
  const edit = { channel: ROOM, id: "e1", kind: "edit" as const, sender: "account:bob", dataJson };
  expect(await node.pipeline.review(BOB, edit)).toEqual(edit);
  expect(seen).toEqual(["all message", "normal message", "all data", "all edit", "normal edit"]);
});

test("an edit can be changed, and cannot be rerouted", async () => {
  const dataJson = JSON.stringify({ target: "m1", message: { text: "changed" } });
  const edit = { channel: ROOM, id: "e1", kind: "edit" as const, sender: "account:bob", dataJson };
  await deploy({
    loud: beforePublish(">", (event) => event.ok({ text: `${event.kind} ${event.message.text}!` })),
  });
  const reviewed = await node.pipeline.review(BOB, edit);
  expect(JSON.parse(reviewed.dataJson)).toEqual({
    target: "m1",
    message: { text: "edit changed!" },
  });
  const reroute = { type: "reroute", channel: "production.group.other" } as const;
  await deploy({ away: { ...beforePublish(">", () => {}), run: async () => reroute } });
  await expect(node.pipeline.review(BOB, edit)).rejects.toMatchObject({
    code: "function_failed",
    details: { failure: "bad_result" },
  });
});

test("after a reroute the other channel's functions see it that have not seen it yet", async () => {
  const seen: string[] = [];
  const note = (name: string) => (event: { channel: string }) =>
    void seen.push(`${name} ${event.channel}`);
  await deploy({
    a: beforePublish("*.x.*", note("a")),
    b: beforePublish("*.*.*", note("b")),
    c: beforePublish("*.group.*", (event) => {
      seen.push(`c ${event.channel}`);
      return event.reroute("production.x.new", { text: "moved" });
    }),
    d: beforePublish("*.group.*", note("d")),
  });
  const entry = await node.say(ROOM, "hello");
  expect(entry.channel).toBe("production.x.new");
  expect(seen).toEqual([`b ${ROOM}`, `c ${ROOM}`, "a production.x.new"]);
  expect(await node.texts("production.x.new")).toEqual(["moved"]);
  expect(await node.texts(ROOM)).toEqual([]);
});

test.each([
  ["another platform", "staging.group.room", /nothing crosses platforms/],
  ["a channel that only the server writes to", "production.notification.bob", /nobody can publish/],
  ["what is no channel", "nowhere", /a channel's name/],
])("a reroute to %s is a failure", async (_, to, words) => {
  await deploy({ a: beforePublish(">", (event) => event.reroute(to)) });
  await expect(node.say(ROOM, "hello")).rejects.toMatchObject({ code: "function_failed" });
  const [line] = await node.logged(1);
  expect(line).toMatchObject({ level: "error", error: { failure: "bad_result" } });
  expect(line?.text).toMatch(words);
});

test.each([
  ["a reroute to another platform", { type: "reroute", channel: "staging.group.room" }],
  ["a reroute to no channel", { type: "reroute", channel: 1 }],
  ["a response", { type: "response", status: 200, headers: [], body: new Uint8Array() }],
  ["a message that is none", { type: "ok", changed: { text: 1 } }],
])("%s that a worker was tricked into telling is a failure all the same", async (_, result) => {
  const tricked = { ...beforePublish(">", () => {}), run: async () => result as OkResult };
  await deploy({ tricked });
  await expect(node.say(ROOM, "hello")).rejects.toMatchObject({
    code: "function_failed",
    details: { failure: "bad_result" },
  });
});

test("reroutes in a circle, and too many of them, end in an error that tells the way", async () => {
  const to = (channel: string) =>
    beforePublish(">", (event) => (event.channel === channel ? undefined : event.reroute(channel)));
  await deploy({
    a: beforePublish("*.group.one", (event) => event.reroute("production.group.two")),
    b: beforePublish("*.group.two", (event) => event.reroute("production.group.one")),
  });
  await expect(node.say("production.group.one", "hello")).rejects.toMatchObject({
    code: "function_failed",
    details: { function: "b" },
  });
  const [line] = await node.logged(1);
  expect(line?.text).toContain(
    "production.group.one → production.group.two → production.group.one",
  );
  const names = ["a", "b", "c", "d"];
  await deploy(Object.fromEntries(names.map((name) => [name, to(`production.group.${name}`)])));
  await expect(node.say(ROOM, "hello")).rejects.toMatchObject({ code: "function_failed" });
  expect((await node.logged(2))[1]?.text).toContain("rerouted more than 3 times");
});

test("what a function puts in its place must be a message of a fitting size", async () => {
  for (const changed of [{ text: "x".repeat(20_000) }, { text: 1 }, { meta: { a: 1n } }]) {
    await deploy({ a: beforePublish(">", (event) => event.ok(changed as never)) });
    await expect(node.say(ROOM, "hello")).rejects.toMatchObject({
      code: "function_failed",
      details: { function: "a", failure: "bad_result" },
    });
  }
  expect(await node.texts(ROOM)).toEqual([]);
});

test("a failure refuses the message without telling what is in the function, unless it may pass", async () => {
  const boom = (): never => {
    throw new Error("the password is 123");
  };
  await deploy({
    a: beforePublish("*.*.room", boom),
    b: beforePublish(">", boom, { onFailure: "allow" }),
  });
  const failed = node.say(ROOM, "hello");
  await expect(failed).rejects.toMatchObject({
    code: "function_failed",
    message: "the function a failed; try again later, its log has the cause",
    details: { function: "a", failure: "threw" },
  });
  await node.say("production.group.other", "hello");
  expect(await node.texts("production.group.other")).toEqual(["hello"]);
  const lines = await node.logged(2);
  expect(lines.map(({ function: name, level, channel }) => [name, level, channel])).toEqual([
    ["a", "error", ROOM],
    ["b", "error", "production.group.other"],
  ]);
  expect(lines[0]).toMatchObject({
    text: "failed, and what it was run for was refused: the password is 123",
    error: { failure: "threw", stack: expect.stringContaining("before-functions.test.ts") },
  });
  expect(lines[1]?.text).toContain("passed");
});

test("one that is late fails at its own deadline", async () => {
  await deploy({ slow: beforePublish(">", () => new Promise(() => {}), { deadlineMs: 10 }) });
  await expect(node.say(ROOM, "hello")).rejects.toMatchObject({
    message: "the function slow took too long; try again later, its log has the cause",
  });
});

test("runs for several messages overlap, and a channel's messages keep the order in which they came", async () => {
  const runs = new Map<string, () => void>();
  const allRun = Promise.withResolvers<void>();
  await deploy({
    a: beforePublish(">", async (event) => {
      const end = Promise.withResolvers<void>();
      runs.set(event.message.text, end.resolve);
      if (runs.size === 4) allRun.resolve();
      await end.promise;
    }),
  });
  const said = ["1", "2", "3"].map((text) => node.say(ROOM, text));
  // One that no function is run for comes behind them all the same.
  const data = node.pipeline.publish(BOB, { channel: ROOM, kind: "data", data: { text: "4" } });
  const other = node.say("production.group.other", "other");
  await allRun.promise;
  runs.get("3")?.();
  runs.get("other")?.();
  await other;
  expect(await node.texts(ROOM)).toEqual([]);
  runs.get("2")?.();
  runs.get("1")?.();
  await Promise.all([...said, data]);
  expect(await node.texts(ROOM)).toEqual(["1", "2", "3", "4"]);
});

test("what a function says on the channel that waits for it goes before what waits", async () => {
  await deploy({
    a: beforePublish(">", async (event, { publish }) => {
      if (event.message.text === "hello") await publish(ROOM, "first");
    }),
  });
  await node.say(ROOM, "hello");
  expect(await node.texts(ROOM)).toEqual(["first", "hello"]);
});

test("one that is disabled does not run", async () => {
  await deploy({ a: beforePublish(">", (event) => event.abort("no")) }, { disabled: ["a"] });
  await node.say(ROOM, "hello");
  expect(await node.texts(ROOM)).toEqual(["hello"]);
});

test("signals are changed, refused and rerouted as messages are", async () => {
  const told: unknown[] = [];
  const { presence } = node.stores;
  const listening = presence.watch({ onEvent: (event) => told.push(event) });
  await listening.follow("production.>");
  await deploy({
    a: beforeSignal("*.*.room", (event) => event.ok({ said: event.data })),
    b: beforeSignal("*.*.away", (event) => event.reroute(ROOM)),
    c: beforeSignal("*.*.quiet", (event) => event.abort(`no ${event.kind} here`)),
  });
  const signal = (channel: string) =>
    node.pipeline.signal(BOB, { channel, client: "c1", kind: "typing", data: 1 });
  await signal("production.group.away");
  await expect(signal("production.group.quiet")).rejects.toMatchObject({
    code: "function_aborted",
    message: "no typing here",
  });
  expect(told).toEqual([
    {
      ...{ type: "signal", channel: ROOM, kind: "typing", dataJson: '{"said":1}' },
      member: { client: "c1", user: "bob" },
    },
  ]);
});
