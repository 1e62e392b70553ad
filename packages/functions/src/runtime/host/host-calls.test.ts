import { accountAddress, createEntryId, notificationChannel } from "@anywire/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import { afterPublish, beforePublish } from "../../index.ts";
import type { CallMethod } from "../run.ts";
import { HOST_BACKENDS, type HostBackend, HostNode } from "./host-node.fixture.ts";
import { type Definitions, InlinePools } from "./inline-pool.fixture.ts";

const ROOM = "production.group.room";
const SECRETS = { token: "s3cret-token" };

let backend: HostBackend;
let pools: InlinePools;
let node: HostNode;

beforeEach(async () => {
  backend = await HOST_BACKENDS.memory();
  pools = new InlinePools();
  node = new HostNode(backend, {
    ...{ createPool: pools.create, secrets: SECRETS },
    limits: { maxKeys: 2, maxHops: 3 },
  });
  await node.start();
});

afterEach(async () => {
  await node.close();
  await backend.dispose();
});

function deploy(definitions: Definitions): Promise<void> {
  const active = pools.revision(createEntryId(), definitions);
  return node.host.deploy({ active, disabled: [], since: {} });
}

type Context = Parameters<Parameters<typeof beforePublish>[1]>[1];

/** What a function gets that does this. */
async function run<T>(work: (context: Context) => Promise<T>): Promise<T> {
  const outcome = Promise.withResolvers<T>();
  await deploy({
    calls: beforePublish("*.group.room", (_, context) =>
      work(context).then(outcome.resolve, outcome.reject),
    ),
  });
  await node.say(ROOM, "go");
  return await outcome.promise;
}

test("keys hold any JSON, for the platform alone, and the revision tells of a write between", async () => {
  await run(async ({ kv }) => {
    await kv.set("a", { deep: [1, "x"] });
    expect(await kv.get("a")).toEqual({ deep: [1, "x"] });
    const { revision = 0 } = (await kv.read("a")) ?? {};
    expect(await kv.compareAndSet("a", revision, "new")).toBe(true);
    expect(await kv.compareAndSet("a", revision, "newer")).toBe(false);
    expect(await kv.increment("n", 2)).toBe(2);
    expect(await kv.increment("n")).toBe(3);
    expect(await kv.get("n")).toBe(3);
    expect(await kv.list()).toEqual(["a", "n"]);
    expect(await kv.list({ prefix: "n", after: "a", limit: 1 })).toEqual(["n"]);
    await kv.delete("a");
    expect(await kv.get("a")).toBeUndefined();
  });
  const { items } = await node.stores.kv.list({ prefix: "fn.", limit: 10 });
  expect(items.map(({ key, value }) => [key, value])).toEqual([["fn.production.n", "3"]]);
});

test("keys, values and their number have bounds that are told", async () => {
  await run(async ({ kv }) => {
    await expect(kv.set("", 1)).rejects.toMatchObject({ code: "bad_request" });
    await expect(kv.set("x".repeat(257), 1)).rejects.toMatchObject({ code: "bad_request" });
    await expect(kv.set("a", undefined)).rejects.toMatchObject({ code: "bad_request" });
    await expect(kv.set("a", 1n)).rejects.toMatchObject({ code: "bad_request" });
    await expect(kv.set("a", 1, { ttlMs: 0 })).rejects.toMatchObject({ code: "bad_request" });
    await expect(kv.set("a", "x".repeat(65_536))).rejects.toMatchObject({ code: "too_large" });
    await expect(kv.list(null as never)).resolves.toEqual([]);
    await kv.set("a", 1);
    await kv.set("b", 1);
    await expect(kv.set("c", 1)).rejects.toMatchObject({
      code: "limit_exceeded",
      message: expect.stringContaining("functions.maxKeys"),
    });
    await expect(kv.increment("c")).rejects.toMatchObject({ code: "limit_exceeded" });
    await expect(kv.increment("a", 0.5)).rejects.toMatchObject({ code: "bad_request" });
  });
});

test("secrets are got by name, and what objects have by nature is none", async () => {
  await run(async ({ secrets }) => {
    expect(await secrets.get("token")).toBe("s3cret-token");
    expect(await secrets.get("other")).toBeUndefined();
    expect(await secrets.get("constructor")).toBeUndefined();
    await expect(secrets.get(1 as never)).rejects.toMatchObject({ code: "bad_request" });
  });
});

test("nothing is said on another platform, nor where only the server writes", async () => {
  await run(async ({ publish, publishData, signal, channels }) => {
    for (const refused of [
      () => publish("staging.group.room", "hello"),
      () => publishData("staging.group.room", 1),
      () => signal("staging.group.room", "typing"),
      () => channels.get("staging.group.room"),
      () => channels.present("staging.group.room"),
    ]) {
      await expect(refused()).rejects.toMatchObject({
        code: "permission_denied",
        message: expect.stringContaining("nothing crosses platforms"),
      });
    }
    await expect(publish("production.system.functions", "hello")).rejects.toMatchObject({
      code: "permission_denied",
    });
    await expect(publish("nowhere", "hello")).rejects.toMatchObject({ code: "unknown_channel" });
    await expect(publish("production.fax.1", "hello")).rejects.toMatchObject({
      code: "unknown_channel",
    });
  });
});

test("what is published must be a message, and its options right", async () => {
  await run(async ({ publish, publishData, signal }) => {
    for (const refused of [
      () => publish(ROOM, ""),
      () => publish(ROOM, { meta: {} }),
      () => publish(ROOM, "hello", { id: "no id" }),
      () => publish(ROOM, "hello", { sender: "nobody" }),
      () => publishData(ROOM, undefined),
      () => signal(ROOM, "NO KIND"),
    ]) {
      await expect(refused()).rejects.toMatchObject({ code: "bad_request" });
    }
    await expect(publish(ROOM, "x".repeat(20_000))).rejects.toMatchObject({ code: "too_large" });
  });
});

test("what a function publishes goes through the functions before it, and says where it went", async () => {
  const outcome = Promise.withResolvers<unknown>();
  await deploy({
    first: beforePublish("*.group.room", async (_, { publish }) => {
      outcome.resolve(
        await publish("production.group.other", { parts: [{ type: "text", text: "a" }] }),
      );
    }),
    second: beforePublish("*.group.other", (event) =>
      event.reroute("production.x.1", { text: event.trace.via.join() }),
    ),
  });
  await node.say(ROOM, "go", "root");
  expect(await outcome.promise).toMatchObject({ channel: "production.x.1", offset: 1 });
  expect(await node.texts("production.x.1")).toEqual(["first"]);
  const { entries } = await node.stores.log.read({
    ...{ pattern: "production.x.1", limit: 1, order: "asc" },
  });
  expect(entries[0]).toMatchObject({
    sender: "function:first",
    trace: { id: "root", via: ["first"] },
  });
});

test("a function that publishes to itself before it is done is stopped, and the circle named", async () => {
  await deploy({
    echo: beforePublish("*.group.*", async (_, { publish }) => void (await publish(ROOM, "again"))),
  });
  await expect(node.say(ROOM, "go")).rejects.toMatchObject({ code: "function_failed" });
  expect((await node.logged(4))[0]?.text).toContain("echo → echo");
  expect(await node.texts(ROOM)).toEqual([]);
});

test("channels are opened in the name of an account, changed and read", async () => {
  const known = async (accountId: string): Promise<void> => {
    const channel = notificationChannel("production", accountId);
    const sender = accountAddress(accountId);
    await node.stores.log.append({ channel, id: "1", kind: "account", sender, dataJson: "{}" });
  };
  await Promise.all(["ann", "bob", "cy"].map(known));
  await run(async ({ channels, publish }) => {
    const participants = ["account:ann", "account:bob"];
    const { channel } = await channels.open({ type: "group", title: "New", participants });
    await publish(channel, "hello", { id: "m1" });
    expect(await channels.get(channel)).toMatchObject({ title: "New", participants, messages: 1 });
    expect(await channels.update(channel, { title: "Newer" })).toMatchObject({ title: "Newer" });
    expect(await channels.addParticipants(channel, ["account:cy"])).toBeUndefined();
    expect((await channels.participants(channel)).participants).toMatchObject([
      { address: "account:ann", role: "owner" },
      { address: "account:bob", role: "member" },
      { address: "account:cy", role: "member" },
    ]);
    expect(await channels.removeParticipants(channel, ["account:cy"])).toBeUndefined();
    expect((await channels.messages(channel, { limit: 1 })).messages).toMatchObject([
      { id: "m1", sender: "function:calls", data: { text: "hello" } },
    ]);
    expect(await channels.message(channel, "m1")).toMatchObject({ id: "m1" });
    await node.stores.presence.join(channel, { client: "c1", user: "bob" });
    expect(await channels.present(channel)).toEqual([{ client: "c1", accountId: "bob" }]);
    const other = await channels.open({ type: "group", participants: ["account:bob"], as: "ann" });
    expect(other.participants).toEqual(participants);
    await expect(channels.message(channel, "none")).rejects.toMatchObject({ code: "not_found" });
    await expect(channels.messages(channel, { limit: 0 })).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("channels.messages"),
    });
    await expect(channels.open({} as never)).rejects.toMatchObject({ code: "bad_request" });
    await expect(channels.update(channel, { no: 1 } as never)).rejects.toMatchObject({
      code: "bad_request",
    });
  });
});

test("what is called and is not there is refused", async () => {
  let isAsked = false;
  const calls = new HostNode(backend, {
    createPool: async ({ calls, revision }) => {
      isAsked = true;
      const origin = {
        ...{ name: "a", platform: "production", key: "k", index: 1 },
        trace: { id: "t", via: [] },
      };
      for (const method of ["constructor", "kv.nothing", 1]) {
        await expect(calls(origin, method as CallMethod, [])).rejects.toMatchObject({
          code: "unsupported",
        });
      }
      return await pools.create({ revision } as never);
    },
  });
  const active = pools.revision("r", { a: afterPublish(">", () => {}) });
  await calls.start();
  await calls.host.deploy({ active, disabled: [], since: {} });
  expect(isAsked).toBe(true);
  await calls.close();
});
