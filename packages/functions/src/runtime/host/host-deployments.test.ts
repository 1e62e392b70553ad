import { afterEach, beforeEach, expect, test } from "vitest";
import { afterPublish, beforePublish, onRequest } from "../../index.ts";
import { FunctionBuildError } from "../bundle/revision.ts";
import { eventually, HOST_BACKENDS, type HostBackend, HostNode } from "./host-node.fixture.ts";
import { InlinePools } from "./inline-pool.fixture.ts";

const ROOM = "production.group.room";
const NOTHING_MORE = { disabled: [], since: {} };

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

/** A function that says which revision it is of. */
const says = (revision: string) =>
  beforePublish("*.group.*", (event) => {
    event.message.text = revision;
  });

test("a revision that cannot be loaded leaves what ran as it was", async () => {
  const good = pools.revision("good", { a: says("good") });
  await node.host.deploy({ active: good, ...NOTHING_MORE });
  const bad = pools.revision("bad", { a: says("bad") });
  pools.broken.add("bad");
  const other = pools.revision("other", { a: says("other") });
  await expect(
    node.host.deploy({ active: other, shadow: bad, ...NOTHING_MORE }),
  ).rejects.toBeInstanceOf(FunctionBuildError);
  await node.say(ROOM, "-");
  expect(await node.texts(ROOM)).toEqual(["good"]);
  await eventually(() => expect(pools.closed).toEqual(["other"]));
  pools.broken.delete("bad");
  await node.host.deploy({ active: bad, ...NOTHING_MORE });
  await node.say(ROOM, "-");
  expect(await node.texts(ROOM)).toEqual(["good", "bad"]);
});

test("what is under way when another revision comes is brought to its end by the one it began with", async () => {
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const first = pools.revision("first", {
    a: beforePublish(">", () => {
      begun.resolve();
      return end.promise;
    }),
    b: says("first"),
  });
  await node.host.deploy({ active: first, ...NOTHING_MORE });
  const said = node.say(ROOM, "-");
  await begun.promise;
  const second = pools.revision("second", { b: says("second") });
  await node.host.deploy({ active: second, ...NOTHING_MORE });
  await node.say("production.group.other", "-");
  expect(await node.texts("production.group.other")).toEqual(["second"]);
  expect(pools.closed).toEqual([]);
  end.resolve();
  await said;
  expect(await node.texts(ROOM)).toEqual(["first"]);
  await eventually(() => expect(pools.closed).toEqual(["first"]));
});

test("a part of the channels has the canary, and each keeps its own", async () => {
  const seen = new Map<string, Set<string>>();
  const witness = (revision: string) =>
    afterPublish("*.group.*", ({ channel }) => {
      seen.set(channel, (seen.get(channel) ?? new Set()).add(revision));
    });
  const active = pools.revision("active", { a: says("active"), b: witness("active") });
  const revision = pools.revision("canary", { a: says("canary"), b: witness("canary") });
  await node.host.deploy({ active, canary: { revision, percent: 30 }, ...NOTHING_MORE });
  const channels = Array.from({ length: 100 }, (_, i) => `production.group.${i}`);
  for (const channel of [...channels, ...channels]) await node.say(channel, "-");
  await eventually(() => expect(node.runs.length).toBe(400));
  const texts = await Promise.all(channels.map((channel) => node.texts(channel)));
  for (const [i, channel] of channels.entries()) {
    expect(new Set(texts[i])).toEqual(seen.get(channel));
  }
  const canaries = texts.filter(([text]) => text === "canary").length;
  expect(canaries).toBeGreaterThan(15);
  expect(canaries).toBeLessThan(45);
});

test("a canary with a function of its own, bound elsewhere, sees its own channels only", async () => {
  const seen: string[] = [];
  const witness = (name: string, pattern: string) =>
    afterPublish(pattern, ({ channel }) => void seen.push(`${name} ${channel}`));
  const active = pools.revision("active", { a: witness("active", "*.group.*") });
  const revision = pools.revision("canary", {
    a: witness("canary", "*.x.*"),
    b: witness("new", "*.sms.*"),
  });
  await node.host.deploy({ active, canary: { revision, percent: 100 }, ...NOTHING_MORE });
  for (const type of ["group", "x", "sms"]) await node.say(`production.${type}.1`, "-");
  await eventually(() => expect(node.runs.length).toBe(2));
  expect(seen.sort()).toEqual(["canary production.x.1", "new production.sms.1"]);
  expect((await node.host.list()).map(({ name, revision: of }) => `${name} ${of}`)).toEqual([
    "a active",
    "b canary",
  ]);
});

test("the shadow runs on the same, changes nothing, and what it does otherwise is told", async () => {
  const active = pools.revision("active", {
    same: beforePublish("*.group.*", async (event, { kv, publish }) => {
      await kv.set("last", event.id);
      await publish("production.x.1", "told");
    }),
    other: beforePublish("*.group.*", async (_, { secrets }) => void (await secrets.get("token"))),
    web: onRequest("GET /web", (event) => event.respond("one"), { auth: "none" }),
  });
  const shadow = pools.revision("shadow", {
    same: beforePublish("*.group.*", async (event, { kv, publish, log }) => {
      log.info("in the shadow");
      await kv.set("last", event.id);
      await publish("production.x.1", "told");
    }),
    other: beforePublish("*.group.*", async (event, { publish }) => {
      await publish("production.x.1", "s3cret");
      return event.abort("no");
    }),
    web: onRequest("GET /web", (event) => event.respond("other"), { auth: "none" }),
    added: beforePublish(">", (event) => event.abort("never")),
  });
  await node.host.deploy({ active, shadow, ...NOTHING_MORE });
  await node.say(ROOM, "hello", "m1");
  const lines = await node.logged(2);
  const difference = lines.find(({ level }) => level === "warn");
  expect(difference).toMatchObject({
    ...{ function: "other", revision: "shadow", channel: ROOM },
    text: "came out otherwise in the shadow revision shadow",
    fields: {
      active: { result: { type: "ok" }, effects: [] },
      shadow: {
        result: { type: "abort", reason: "no" },
        effects: [{ method: "publish", args: ["production.x.1", "***"] }],
      },
    },
  });
  expect(lines.map(({ text }) => text)).toContain("in the shadow");
  expect(await node.texts(ROOM)).toEqual(["hello"]);
  expect(await node.texts("production.x.1")).toEqual(["told"]);
  await node.host.request({
    ...{ method: "GET", path: "/web", url: "http://localhost/functions/web", headers: {} },
    ...{ body: async () => new Uint8Array(), clientAddress: "127.0.0.1" },
    authenticate: () => Promise.reject(new Error("is not asked")),
  });
  expect((await node.logged(3)).at(-1)?.fields).toMatchObject({
    active: { result: { body: "one" } },
    shadow: { result: { body: "other" } },
  });
  const list = await node.host.list();
  expect(list.map(({ name, stats }) => [name, stats.runs, stats.differences])).toEqual([
    ["other", 1, 1],
    ["same", 1, 0],
    ["web", 1, 1],
  ]);
  expect(node.runs.filter(({ isShadow }) => isShadow).length).toBe(3);
});

test("nobody waits for the shadow, and one that fails or never ends is a difference like another", async () => {
  const active = pools.revision("active", { a: says("active") });
  const shadow = pools.revision("shadow", {
    a: beforePublish("*.group.*", () => new Promise(() => {}), { deadlineMs: 20 }),
  });
  await node.host.deploy({ active, shadow, ...NOTHING_MORE });
  await node.say(ROOM, "-");
  expect(node.runs.filter(({ isShadow }) => isShadow).length).toBe(0);
  const lines = await node.logged(2);
  expect(lines.map(({ level }) => level)).toEqual(["error", "warn"]);
  expect(lines[1]?.fields).toMatchObject({ shadow: { error: { failure: "late" } } });
});

test("a run that there was no room or no time for is no difference", async () => {
  // A shadow that was taken away while the active run went on could not be run any more, and was told as one that differs.
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const definition = afterPublish("*.group.*", () => {
    begun.resolve();
    return end.promise;
  });
  const active = pools.revision("active", { a: definition });
  const shadow = pools.revision("shadow", { a: definition });
  await node.host.deploy({ active, shadow, ...NOTHING_MORE });
  await node.say(ROOM, "-");
  await begun.promise;
  await node.host.deploy({ active, ...NOTHING_MORE });
  await eventually(() => expect(pools.closed).toEqual(["shadow"]));
  end.resolve();
  await node.host.close();
  const [{ stats } = {}] = await node.host.list();
  expect(stats).toMatchObject({ runs: 1, errors: 0, differences: 0 });
});

test("after it was closed it takes no deployment", async () => {
  await node.host.close();
  const active = pools.revision("late", { a: says("late") });
  await expect(node.host.deploy({ active, ...NOTHING_MORE })).rejects.toMatchObject({
    code: "unavailable",
  });
});
