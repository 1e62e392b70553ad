import type { Appended, EntryDraft, Principal } from "@anywire/core";
import { AnywireError, type Connection } from "@anywire/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  createMemoryBackend,
  type InboundBackend,
  InboundNode,
  OPERATOR,
} from "../inbound/inbound-node.fixture.ts";
import { byRaven, Raven } from "../inbound/raven.fixture.ts";
import { CONNECTION_TEST } from "./try-connection.ts";

const SECRET = "a-ring-of-gold";
const given = {
  id: "tower",
  connector: "raven",
  settings: { tower: "north" },
  secrets: { ring: SECRET },
};

let backend: InboundBackend;
let node: InboundNode;
let around: (draft: EntryDraft, append: () => Promise<Appended>) => Promise<Appended>;

beforeEach(async () => {
  backend = await createMemoryBackend();
  around = (_, append) => append();
  node = new InboundNode(backend, { around: (draft, append) => around(draft, append) });
  await node.start({ handles: false });
});

afterEach(async () => {
  await node.close();
  await backend.dispose();
});

function create(changes: object = {}, by?: Principal): Promise<Connection> {
  return node.call<Connection>("connection.create", { ...given, ...changes }, by);
}

async function takes(ring: string, id = "tower"): Promise<boolean> {
  // As a node that has not asked yet.
  node.connections.forget(id);
  return await node.inbound.receive(id, byRaven([], { ring })).then(
    () => true,
    () => false,
  );
}

test("one that another node makes is found at once, also where it was asked for in vain a moment before", async () => {
  expect(await node.connections.find("tower")).toBeUndefined();
  const other = new InboundNode(backend);
  await other.start({ handles: false });
  await other.call("connection.create", given);
  expect((await node.connections.find("tower"))?.document.id).toBe("tower");
  await other.close();
});

test("a connection is made of a connector, for the account that makes it, as the default of its network", async () => {
  expect(await create()).toMatchObject({
    ...{ id: "tower", connector: "raven", network: "raven", settings: { tower: "north" } },
    ...{ isEnabled: true, isDefault: true, defaultAccounts: ["bob"], secrets: ["ring"] },
    webhookUrl: "https://example.org/v1/webhooks/tower",
  });
  expect(await create({ id: "keep" })).toMatchObject({ isDefault: false });
  const { id, ...rest } = given;
  const named = await node.call<Connection>("connection.create", rest);
  expect(named.id).not.toBe(id);
  expect(await takes(SECRET)).toBe(true);
});

test("secrets stand in no answer, no entry and no error", async () => {
  const answers = [
    await create(),
    await node.call("connection.rotate_secrets", { id: "tower", secrets: { ring: `${SECRET}-2` } }),
    await node.call("connection.get", { id: "tower" }),
    await node.call("connection.list", {}),
    await node.call("connection.health", { id: "tower" }),
    await create({ secrets: { ring: SECRET, necklace: SECRET } }).catch(String),
    await create().catch(String),
  ];
  const entries = await node.entries("production.connection.*");
  expect(entries.length).toBeGreaterThan(1);
  expect(JSON.stringify([answers, entries, node.errors.map(String)])).not.toContain(SECRET);
});

test("what does not suit the connector is refused field by field, and leaves nothing behind", async () => {
  await expect(create({ settings: { tower: "", moat: 1 } })).rejects.toMatchObject({
    code: "bad_request",
    details: {
      errors: expect.arrayContaining([{ path: "settings.tower", message: expect.any(String) }]),
    },
  });
  await expect(create({ secrets: {} })).rejects.toMatchObject({
    message: "that is no connection of Raven. raven needs the secret ring: On its leg",
    details: { errors: [{ path: "secrets.ring", message: "is missing. On its leg." }] },
  });
  await expect(create({ secrets: { ring: "x", rang: "y" } })).rejects.toThrow(
    "secrets.rang: unknown; it has ring",
  );
  await expect(create({ connector: "dove" })).rejects.toThrow("take one of raven");
  await expect(create({ defaultAccounts: ["nobody"] })).rejects.toMatchObject({
    code: "not_found",
  });
  const fallback = (connection: string): object => ({ fallback: { connection, afterMs: 1000 } });
  await expect(create(fallback("tower"))).rejects.toMatchObject({ code: "bad_request" });
  await expect(create(fallback("nothing"))).rejects.toMatchObject({ code: "not_found" });
  expect(await node.entries("production.connection.*")).toEqual([]);
});

/** Symptom: who gave a connector's id alone was told of one setting, in the words of a schema, and of no secret. */
test("whoever gives nothing but a connector is told at once of every setting and secret that it needs", async () => {
  await expect(node.call("connection.create", { connector: "raven" })).rejects.toThrow(
    /^that is no connection of Raven\. raven needs the setting tower: Where it lands; raven needs the secret ring: On its leg$/,
  );
  await expect(create({ settings: { tower: 7, moat: 1 } })).rejects.toThrow(
    'settings.tower: must be a text; settings: must not have "moat", which is unknown',
  );
});

test("of two that make a connection of one id at once one does, and its secrets hold", async () => {
  const rings = ["one", "two", "three"];
  const results = await Promise.allSettled(rings.map((ring) => create({ secrets: { ring } })));
  const won = results.findIndex(({ status }) => status === "fulfilled");
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const taken = await Promise.all(rings.map((ring) => takes(ring)));
  expect(taken).toEqual(rings.map((_, i) => i === won));
  await expect(create({ secrets: { ring: "late" } })).rejects.toMatchObject({ code: "conflict" });
  expect(await takes("late")).toBe(false);
});

test("a process that dies while it makes a connection leaves none, and it can be made again", async () => {
  around = async () => {
    throw new AnywireError("unavailable", "the process is dead");
  };
  await expect(create()).rejects.toMatchObject({ code: "unavailable" });
  around = (_, append) => append();
  await expect(node.call("connection.get", { id: "tower" })).rejects.toMatchObject({
    code: "not_found",
  });
  await create({ secrets: { ring: "again" } });
  expect([await takes(SECRET), await takes("again")]).toEqual([false, true]);
});

test("a connection is changed by what is given, and stays what it is otherwise", async () => {
  await create({ title: "North" });
  await create({ id: "keep" });
  const change = (changes: object): Promise<Connection> =>
    node.call<Connection>("connection.update", { id: "tower", ...changes });
  expect(await change({ settings: { tower: "south" } })).toMatchObject({
    ...{ title: "North", settings: { tower: "south" }, isDefault: true },
  });
  expect(await change({ isEnabled: false, title: null })).toMatchObject({
    ...{ title: null, isEnabled: false, settings: { tower: "south" } },
  });
  await node.call("connection.update", { id: "keep", isDefault: true });
  expect(await node.call("connection.get", { id: "tower" })).toMatchObject({ isDefault: false });
  await expect(change({ settings: { tower: 1 } })).rejects.toMatchObject({ code: "bad_request" });
  await expect(change({ defaultAccounts: ["nobody"] })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("a removed connection is gone with its secrets and how far it had listened, and its id may be taken again", async () => {
  await create();
  await node.stores.kv.set("listen-cursor/tower", "7");
  await node.call("connection.remove", { id: "tower" });
  await expect(node.inbound.receive("tower", byRaven([], { ring: SECRET }))).rejects.toMatchObject({
    code: "not_found",
  });
  const kept = await node.stores.kv.list({ prefix: "connection-", limit: 10 });
  expect(kept.items).toEqual([]);
  expect(await node.stores.kv.get("listen-cursor/tower")).toBeUndefined();
  await create({ secrets: { ring: "new" } });
  expect([await takes(SECRET), await takes("new")]).toEqual([false, true]);
});

test("connections are listed by id, page by page, and by network", async () => {
  for (const id of ["d", "b", "a", "c"]) await create({ id });
  const ids = async (query: object): Promise<readonly [string[], string | undefined]> => {
    const page = await node.call<{ connections: Connection[]; cursor?: string }>(
      "connection.list",
      query,
    );
    return [page.connections.map(({ id }) => id), page.cursor];
  };
  expect(await ids({ limit: 3 })).toEqual([["a", "b", "c"], "c"]);
  expect(await ids({ limit: 3, cursor: "c" })).toEqual([["d"], undefined]);
  expect(await ids({ limit: 1, network: "raven" })).toEqual([["a"], "a"]);
  expect(await ids({ network: "dove" })).toEqual([[], undefined]);
});

test("only a pattern that names connections lets anybody near them, and no platform sees another's", async () => {
  await create();
  const somebody = (platform: string, ...patterns: string[]): Principal => ({
    ...OPERATOR,
    platform,
    patterns: { subscribe: patterns, publish: [], manage: patterns },
  });
  const wide = somebody("production", "production.>");
  for (const [name, request] of [
    ["connection.get", { id: "tower" }],
    ["connection.list", {}],
    ["connector.list", {}],
    ["connection.update", { id: "tower", title: "mine" }],
    ["connection.rotate_secrets", { id: "tower", secrets: { ring: "mine" } }],
    ["connection.remove", { id: "tower" }],
    ["connection.health", { id: "tower" }],
    ["connection.problems", { id: "tower" }],
    ["connection.replay", { id: "tower", offset: 1 }],
    ["connection.test", { id: "tower", to: "raven:ann" }],
  ] as const) {
    await expect(node.call(name, request, wide), name).rejects.toMatchObject({
      code: "permission_denied",
    });
  }
  await expect(create({}, wide)).rejects.toMatchObject({ code: "permission_denied" });
  const foreign = somebody("staging", "staging.>", "staging.connection.*");
  for (const name of ["connection.get", "connection.health", "connection.remove"]) {
    await expect(node.call(name, { id: "tower" }, foreign), name).rejects.toMatchObject({
      code: "not_found",
    });
  }
  expect(await node.call("connection.list", {}, foreign)).toEqual({ connections: [] });
  await expect(create({}, foreign)).rejects.toMatchObject({ code: "conflict" });
});

test("the network is told where to call, and that it is over; when it refuses, the health says so", async () => {
  await create();
  expect(node.raven.told).toEqual(["install tower https://example.org/v1/webhooks/tower"]);
  node.raven.installFails = true;
  await node.call("connection.update", { id: "tower", settings: { tower: "east" } });
  expect(await node.call("connection.health", { id: "tower" })).toMatchObject({
    ...{ state: "degraded", reason: expect.stringContaining("the rookery is closed") },
  });
  node.raven.installFails = false;
  await node.call("connection.update", { id: "tower", title: "a word about nothing" });
  expect(node.raven.told).toHaveLength(1);
  await node.call("connection.update", { id: "tower", isEnabled: true });
  expect(await node.call("connection.health", { id: "tower" })).toMatchObject({ state: "ok" });
  await node.call("connection.remove", { id: "tower" });
  expect(node.raven.told.at(-1)).toBe("uninstall tower");
});

test("what the network says back of the secrets is shown to nobody", async () => {
  node.raven.install = async () => {
    throw new Error(`${SECRET} is not welcome`);
  };
  await create();
  const shown = await node.call("connection.health", { id: "tower" });
  expect(shown).toMatchObject({
    reason: "the network was not told where to call: *** is not welcome",
  });
  node.raven.health_ = { state: "down", reason: `who is ${SECRET}?`, humanAction: "none" };
  expect(await node.call("connection.health", { id: "tower" })).toMatchObject({
    reason: "who is ***?",
  });
});

test("the health is what the network says, and what it throws is not repeated", async () => {
  await create();
  node.raven.health_ = { state: "down", reason: "no corn", humanAction: "pay" };
  expect(await node.call("connection.health", { id: "tower" })).toMatchObject({
    ...node.raven.health_,
    checkedAt: expect.any(Number),
  });
  node.raven.health = async () => {
    throw new Error(SECRET);
  };
  const health = await node.call("connection.health", { id: "tower" });
  expect(health).toMatchObject({ state: "unknown" });
  expect(JSON.stringify(health)).not.toContain(SECRET);
});

test("a test message is an ordinary message on a channel over that connection", async () => {
  await create();
  const sent = await node.call<{ channel: string; message: string }>("connection.test", {
    ...{ id: "tower", to: "raven:ann", text: "caw" },
  });
  const [message] = await node.messages();
  expect(message).toMatchObject({ id: sent.message, channel: sent.channel, said: { text: "caw" } });
  expect(await node.call("channel.get", { channel: sent.channel })).toMatchObject({
    connection: "tower",
  });
});

// Its channel had the answers of a person whom somebody else was talking to.
test("a message that tries a connection out is marked as such: it is no conversation", async () => {
  await create();
  await node.call("connection.test", { id: "tower", to: "raven:ann" });
  expect(await node.messages()).toMatchObject([{ client: CONNECTION_TEST }]);
});

test.each([
  ["email:a@b.org", /connection tower does not reach email:a@b.org; give an address of kind raven/],
  ["account:bob", /does not reach account:bob/],
  ["ann", /is not an address/],
])(
  "a connection is not tried out with %s: it says what it reaches, and makes nobody and nothing",
  async (to, words) => {
    await create();
    const before = await node.entries("production.>");
    await expect(node.call("connection.test", { id: "tower", to })).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringMatching(words),
    });
    expect(await node.entries("production.>")).toHaveLength(before.length);
  },
);

test("connectors are listed with the settings and secrets that they need", async () => {
  expect(await node.call("connector.list", {})).toMatchObject({
    connectors: [
      {
        ...{ id: "raven", displayName: "Raven", network: "raven", addressKinds: ["raven"] },
        settings: { properties: { tower: { type: "string", description: "Where it lands." } } },
        secrets: [{ name: "ring", description: "On its leg.", isRequired: true }],
      },
    ],
  });
});

/** Symptom: one connector of which a part was missing made an error of the whole list, and no network could be chosen any more. */
test("a connector that can't tell of itself takes none of the others off the list", async () => {
  const other = Object.assign(new Raven("crow"), { secrets: undefined });
  const two = new InboundNode(backend, { other });
  await two.start({ handles: false });
  const answer = await two.call("connector.list", {});
  expect(answer).toMatchObject({ connectors: [{ id: "raven" }] });
  expect(two.errors).toMatchObject([{ message: "connector crow can't tell what it needs" }]);
  await two.close();
});
