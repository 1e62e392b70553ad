import type { StateItem } from "@anywire/core";
import { beforeEach, describe, expect, test } from "vitest";
import { createTestApp, streamOf, type TestApp } from "./create-test-app.fixture.ts";
import { MODEL_ENDPOINTS } from "./model-endpoints.ts";

let server: TestApp;
/** Tokens without a single pattern: what they may do follows from taking part. */
let tokens: Record<string, string>;

beforeEach(async () => {
  server = await createTestApp();
  const people = ["ann", "bob", "carol", "dave"];
  const issued = people.map((accountId) => server.issue({ accountId }));
  tokens = Object.fromEntries((await Promise.all(issued)).map((token, i) => [people[i], token]));
  for (const name of people) await call(name, "GET", "/v1/me/snapshot");
});

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says
  readonly body: any;
}

async function call(who: string, method: string, path: string, json?: unknown): Promise<Answer> {
  const token = tokens[who] ?? null;
  const answer = await server.send(path, {
    method,
    token,
    ...(json === undefined ? {} : { json }),
  });
  return { status: answer.status, body: await answer.json() };
}

async function open(who: string, request: object): Promise<Answer> {
  return call(who, "POST", "/v1/channels", request);
}

async function group(...others: string[]): Promise<string> {
  const participants = others.map((id) => `account:${id}`);
  const { body } = await open("ann", { type: "group", title: "Lobby", participants });
  return `/v1/channels/${body.channel}`;
}

async function everything(): Promise<readonly StateItem[]> {
  return server.state.dump(undefined, 10_000);
}

/** The same request is refused with that code and changes nothing. */
async function expectRefusal(code: string, ...request: Parameters<typeof call>): Promise<string> {
  const before = [await everything(), await server.log.head(">")];
  const { body } = await call(...request);
  expect(body).toMatchObject({ code, detail: expect.stringMatching(/.{20}/) });
  expect([await everything(), await server.log.head(">")]).toEqual(before);
  return body.detail;
}

describe("opening a channel", () => {
  test("a hundred times at once with the same pair gives one channel", async () => {
    const opened = await Promise.all(
      Array.from({ length: 100 }, (_, i) => {
        const [who, other] = i % 2 === 0 ? ["ann", "account:bob"] : ["bob", "account:ann"];
        return open(who ?? "", { type: "direct", participants: [other] });
      }),
    );
    expect(new Set(opened.map(({ body }) => body.channel)).size).toBe(1);
    expect(opened.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(opened.filter(({ status }) => status === 200)).toHaveLength(99);
  });

  test("for the same people under other names gives two groups", async () => {
    const participants = ["account:bob"];
    const one = await open("ann", { type: "group", title: "One", participants });
    const two = await open("ann", { type: "group", title: "Two", participants });
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(one.body.channel).not.toBe(two.body.channel);
  });

  test("again under the same id of one's own gives the same group", async () => {
    const request = { type: "group", title: "One", participants: ["account:bob"], id: "mine" };
    const [one, two] = [await open("ann", request), await open("ann", request)];
    expect([one.status, two.status]).toEqual([201, 200]);
    expect(one.body.channel).toBe(two.body.channel);
  });

  test.each([
    ["not_found", { type: "direct", participants: ["account:nobody"] }],
    ["bad_request", { type: "group", participants: ["account:bob", "account:bob"] }],
    ["bad_request", { type: "direct", participants: ["account:ann"] }],
    ["bad_request", { type: "group", participants: [] }],
    ["bad_request", { type: "direct", participants: ["account:bob", "account:carol"] }],
    ["permission_denied", { type: "direct", participants: ["account:bob"], platform: "staging" }],
    ["bad_request", { type: "notification", participants: ["account:bob"] }],
    ["bad_request", { type: "group", participants: ["bob"] }],
    ["permission_denied", { type: "sms", participants: ["phone:+447700900123"] }],
    [
      "permission_denied",
      { type: "group", participants: ["account:bob", "account:carol"], join: false },
    ],
  ])("is refused as %s: %j", async (code, request) => {
    await expectRefusal(code, "ann", "POST", "/v1/channels", request);
  });

  test("with a hundred thousand participants is refused, and says how many there may be", async () => {
    const big = await createTestApp({
      http: { corsOrigins: [], maxBodyBytes: 8_000_000, trustProxy: false },
    });
    const participants = Array.from({ length: 100_000 }, (_, i) => `account:a${i}`);
    const answer = await big.send("/v1/channels", { json: { type: "group", participants } });
    expect(answer.status).toBe(429);
    expect(await answer.json()).toMatchObject({
      code: "limit_exceeded",
      detail: "a channel has at most 100 participants, not 100000",
    });
    expect(await big.log.head(">")).toBe(0);
  });
});

describe("a channel", () => {
  test("is renamed, added to and emptied by those who have the role for it only", async () => {
    const lobby = await group("bob");
    await expectRefusal("permission_denied", "bob", "PATCH", lobby, { title: "Mine" });
    await expectRefusal("permission_denied", "carol", "GET", lobby);
    const renamed = await call("ann", "PATCH", lobby, { title: "Hall", meta: { order: 7 } });
    expect(renamed.body).toMatchObject({ title: "Hall", meta: { order: 7 } });
    const added = await call("bob", "POST", `${lobby}/participants`, {
      participants: ["account:carol"],
      role: "guest",
    });
    expect(added.body.participantCount).toBe(3);
    const more = { participants: ["account:dave"] };
    await expectRefusal("permission_denied", "carol", "POST", `${lobby}/participants`, more);
    await expectRefusal("permission_denied", "bob", "POST", `${lobby}/participants/remove`, more);
    const listed = await call("carol", "GET", `${lobby}/participants?limit=2`);
    expect(listed.body.participants.map((one: { address: string }) => one.address)).toEqual([
      "account:ann",
      "account:bob",
    ]);
    const rest = await call("carol", "GET", `${lobby}/participants?cursor=${listed.body.cursor}`);
    expect(rest.body).toMatchObject({
      participants: [{ address: "account:carol", role: "guest" }],
    });
  });

  test("keeps an owner", async () => {
    const lobby = await group("bob");
    await expectRefusal("conflict", "ann", "POST", `${lobby}/leave`, {});
    await call("ann", "POST", `${lobby}/roles`, { participant: "account:bob", role: "owner" });
    expect((await call("ann", "POST", `${lobby}/leave`, {})).status).toBe(200);
    await expectRefusal("permission_denied", "ann", "GET", `${lobby}/messages`);
  });

  test("that is known by its participants keeps them", async () => {
    const { body } = await open("ann", { type: "direct", participants: ["account:bob"] });
    const path = `/v1/channels/${body.channel}`;
    expect(await expectRefusal("conflict", "ann", "POST", `${path}/leave`, {})).toContain("hide");
    const more = { participants: ["account:carol"] };
    await expectRefusal("conflict", "ann", "POST", `${path}/participants`, more);
  });

  test("that is archived can be read, and nothing more is said on it", async () => {
    const lobby = await group("bob");
    await call("bob", "POST", `${lobby}/messages`, { text: "hello" });
    await call("ann", "PATCH", lobby, { archived: true });
    await expectRefusal("conflict", "bob", "POST", `${lobby}/messages`, { text: "hello?" });
    expect((await call("bob", "GET", `${lobby}/messages`)).body.messages).toHaveLength(1);
  });

  test("shows a newcomer what was said before, or does not, as it was told to", async () => {
    for (const history of ["all", "since_joined"]) {
      const participants = ["account:bob"];
      const { body } = await open("ann", { type: "group", participants, history });
      const path = `/v1/channels/${body.channel}`;
      const before = await call("ann", "POST", `${path}/messages`, { text: "before" });
      await call("ann", "POST", `${path}/participants`, { participants: ["account:carol"] });
      await call("ann", "POST", `${path}/messages`, { text: "after" });
      const seen = history === "all" ? ["after", "before"] : ["after"];
      const { body: page } = await call("carol", "GET", `${path}/messages`);
      expect(page.messages.map((one: { data: { text: string } }) => one.data.text)).toEqual(seen);
      const raw = await call("carol", "GET", `${path}/entries?limit=100`);
      const texts = raw.body.entries.map((one: { data: { text?: string } }) => one.data.text);
      expect(texts.includes("before")).toBe(history === "all");
      const one = await call("carol", "GET", `${path}/messages/${before.body.id}`);
      expect(one.status).toBe(history === "all" ? 200 : 404);
      const channels = await call("carol", "GET", "/v1/channels?limit=1");
      expect(channels.body.channels[0]).toMatchObject({ unread: 1 });
    }
  });
});

describe("messages", () => {
  test("are edited, reacted to, pinned, threaded and deleted, and listed as they are now", async () => {
    const lobby = await group("bob");
    const root = (await call("bob", "POST", `${lobby}/messages`, { text: "hello" })).body;
    const path = `${lobby}/messages/${root.id}`;
    const edited = await call("bob", "PATCH", path, { text: "hello, all" });
    expect(edited.body).toMatchObject({ version: 2, data: { text: "hello, all" } });
    await call("ann", "POST", `${path}/reactions`, { emoji: "👍" });
    await call("ann", "POST", `${path}/reactions`, { emoji: "👍" });
    await call("bob", "POST", `${path}/reactions`, { emoji: "👍" });
    const less = await call("bob", "DELETE", `${path}/reactions/${encodeURIComponent("👍")}`);
    expect(less.body.reactions).toEqual([
      { emoji: "👍", count: 1, mine: false, accounts: ["account:ann"] },
    ]);
    expect((await call("ann", "PUT", `${path}/pin`)).body.pinned).toBe(true);
    await call("ann", "POST", `${lobby}/messages`, { text: "in it", thread: root.id });
    const thread = await call("bob", "GET", `${lobby}/messages?thread=${root.id}`);
    expect(thread.body.messages).toMatchObject([{ data: { text: "in it" } }]);
    const pinned = await call("bob", "GET", `${lobby}/messages?pinned=true`);
    expect(pinned.body.messages).toMatchObject([{ id: root.id, replies: 1, version: 2 }]);
    const { versions } = (await call("ann", "GET", `${path}/versions`)).body;
    expect(versions.map((one: { data: { text: string } }) => one.data.text)).toEqual([
      "hello",
      "hello, all",
    ]);
    expect((await call("ann", "DELETE", `${path}/pin`)).body.pinned).toBe(false);
    expect((await call("ann", "DELETE", path)).status).toBe(200);
    expect((await call("ann", "DELETE", path)).status).toBe(200);
    const gone = await call("bob", "GET", path);
    expect(gone.body).toMatchObject({ deleted: true, data: null, reactions: [] });
    const raw = JSON.stringify((await call("bob", "GET", `${lobby}/entries`)).body);
    expect(raw).not.toContain("hello");
    await expectRefusal("conflict", "bob", "POST", `${path}/reactions`, { emoji: "👍" });
    await expectRefusal("conflict", "bob", "PATCH", path, { text: "back" });
  });

  test("of others are not edited, and deleted by an owner only", async () => {
    const lobby = await group("bob", "carol");
    const { id } = (await call("carol", "POST", `${lobby}/messages`, { text: "mine" })).body;
    const path = `${lobby}/messages/${id}`;
    await expectRefusal("permission_denied", "ann", "PATCH", path, { text: "yours" });
    await expectRefusal("permission_denied", "bob", "DELETE", path);
    expect((await call("ann", "DELETE", path)).status).toBe(200);
  });

  test("that are deleted for oneself are there for others", async () => {
    const lobby = await group("bob");
    const { id } = (await call("ann", "POST", `${lobby}/messages`, { text: "hello" })).body;
    expect((await call("bob", "DELETE", `${lobby}/messages/${id}?forMe=true`)).status).toBe(200);
    expect((await call("bob", "GET", `${lobby}/messages`)).body.messages).toEqual([]);
    expect((await call("ann", "GET", `${lobby}/messages`)).body.messages).toHaveLength(1);
  });

  test("page through in both directions", async () => {
    const lobby = await group("bob");
    for (let i = 0; i < 5; i += 1) await call("ann", "POST", `${lobby}/messages`, { text: `${i}` });
    const texts = async (query: string): Promise<[string[], string]> => {
      const { body } = await call("bob", "GET", `${lobby}/messages?${query}`);
      return [body.messages.map((one: { data: { text: string } }) => one.data.text), body.cursor];
    };
    const [newest, before] = await texts("limit=2");
    expect(newest).toEqual(["4", "3"]);
    expect((await texts(`limit=9&before=${before}`))[0]).toEqual(["2", "1", "0"]);
    const [oldest, after] = await texts("limit=2&order=asc");
    expect(oldest).toEqual(["0", "1"]);
    expect((await texts(`limit=9&order=asc&after=${after}`))[0]).toEqual(["2", "3", "4"]);
  });
});

describe("marks", () => {
  test("count what is unread, on all devices, and tell others how far one has read", async () => {
    const lobby = await group("bob");
    const sent: { offset: number }[] = [];
    for (const text of ["1", "2", "3"]) {
      sent.push((await call("ann", "POST", `${lobby}/messages`, { text })).body);
    }
    const snapshot = (await call("bob", "GET", "/v1/me/snapshot")).body;
    expect(snapshot.totals).toEqual({ unread: 3, unreadChannels: 1 });
    expect(snapshot.channels[0]).toMatchObject({ unread: 3, lastMessage: { text: "3" } });
    const read = await call("bob", "POST", `${lobby}/read`, { offset: sent[1]?.offset });
    expect(read.body).toMatchObject({ readOffset: sent[1]?.offset, unread: 1 });
    const less = await call("bob", "POST", `${lobby}/read`, { offset: sent[0]?.offset });
    expect(less.body.unread).toBe(1);
    const back = await call("bob", "POST", `${lobby}/unread`, { offset: sent[0]?.offset });
    expect(back.body.unread).toBe(3);
    const delivered = { offset: sent[2]?.offset };
    expect((await call("bob", "POST", `${lobby}/delivered`, delivered)).status).toBe(200);
    const { body } = await call("ann", "GET", `${lobby}/participants`);
    expect(body.participants[1]).toMatchObject({ deliveredOffset: sent[2]?.offset });
    await expectRefusal("bad_request", "bob", "POST", `${lobby}/read`, { offset: 999 });
    await expectRefusal("permission_denied", "carol", "POST", `${lobby}/read`, { offset: 1 });
  });

  test("without a body, as the server gets it: one that ends before it begins", async () => {
    const lobby = await group("bob");
    const request = { token: tokens["bob"] ?? null, body: streamOf() };
    const answer = await server.send(`${lobby}/hide`, request);
    expect(await answer.json()).toMatchObject({ hidden: true });
  });

  test("mute, and hide until something is said", async () => {
    const lobby = await group("bob");
    await call("ann", "POST", `${lobby}/messages`, { text: "1" });
    expect((await call("bob", "POST", `${lobby}/mute`, { until: 5 })).body.mutedUntil).toBe(5);
    expect((await call("bob", "POST", `${lobby}/unmute`, {})).body.mutedUntil).toBeNull();
    expect((await call("bob", "POST", `${lobby}/hide`, {})).body.hidden).toBe(true);
    const hidden = (await call("bob", "GET", "/v1/me/snapshot")).body;
    expect(hidden).toMatchObject({ channels: [{ hidden: true }], totals: { unread: 0 } });
    await call("ann", "POST", `${lobby}/messages`, { text: "2" });
    const shown = (await call("bob", "GET", "/v1/me/snapshot")).body;
    expect(shown).toMatchObject({ channels: [{ hidden: false }], totals: { unread: 2 } });
  });
});

describe("accounts and contacts", () => {
  test("are there or not, several in one question", async () => {
    const { status, body } = await call("bob", "GET", "/v1/presence?accounts=ann,nobody");
    expect(status).toBe(200);
    const offline = { status: "offline", lastSeenAt: null };
    expect(body.accounts).toEqual([
      { account: "ann", ...offline },
      { account: "nobody", ...offline },
    ]);
    const many = Array.from({ length: 201 }, (_, i) => `a${i}`).join(",");
    for (const accounts of ["", "ann,", "a.b", many]) {
      await expectRefusal("bad_request", "bob", "GET", `/v1/presence?accounts=${accounts}`);
    }
    await expectRefusal("bad_request", "bob", "GET", "/v1/presence");
  });

  test("have names, and devices that are made known and forgotten", async () => {
    expect((await call("ann", "PATCH", "/v1/me", { name: "Ann" })).body.name).toBe("Ann");
    expect((await call("bob", "GET", "/v1/accounts/ann")).body.name).toBe("Ann");
    expect((await call("bob", "GET", "/v1/accounts?limit=2")).body.accounts).toHaveLength(2);
    await expectRefusal("permission_denied", "bob", "POST", "/v1/accounts", { id: "ann" });
    const device = { id: "phone", kind: "ios" };
    expect((await call("ann", "POST", "/v1/me/devices", device)).status).toBe(201);
    expect((await call("ann", "POST", "/v1/me/devices", { ...device, name: "P" })).status).toBe(
      200,
    );
    expect((await call("ann", "GET", "/v1/me/devices")).body.devices).toMatchObject([
      { name: "P" },
    ]);
    expect((await call("ann", "DELETE", "/v1/me/devices/phone")).status).toBe(200);
    await expectRefusal("not_found", "ann", "DELETE", "/v1/me/devices/phone");
  });

  test("of two merges that cross one is refused, and what is merged can be undone", async () => {
    const manage = ["production.contact.*"];
    tokens["desk"] = await server.issue({ accountId: "desk", manage, subscribe: manage });
    const create = async (address: string): Promise<string> =>
      (await call("desk", "POST", "/v1/contacts", { addresses: [address] })).body.id;
    const [one, two] = [
      await create("phone:+44 7700 900123"),
      await create("email:Ann@Example.org"),
    ];
    const taken = { addresses: ["phone:+447700900123"] };
    await expectRefusal("conflict", "desk", "POST", "/v1/contacts", taken);
    const merge = (into: string, from: string): Promise<Answer> =>
      call("desk", "POST", `/v1/contacts/${into}/merge`, { from, reason: "same person" });
    const merged = await Promise.all([merge(one, two), merge(two, one)]);
    expect(merged.map(({ status }) => status).sort()).toEqual([200, 409]);
    const [into, from] = merged[0]?.status === 200 ? [one, two] : [two, one];
    const whole = (await call("desk", "GET", `/v1/contacts/${into}`)).body;
    expect(whole.addresses).toHaveLength(2);
    expect((await call("desk", "GET", `/v1/contacts/${from}`)).body.mergedInto).toBe(into);
    const undo = { from, reason: "two after all" };
    const undone = await call("desk", "POST", `/v1/contacts/${into}/unmerge`, undo);
    expect(undone.body.addresses).toHaveLength(1);
    const history = (await call("desk", "GET", `/v1/contacts/${into}/history`)).body.entries;
    expect(history.map((one: { data: { action: string } }) => one.data.action)).toEqual([
      "created",
      "merged",
      "unmerged",
    ]);
    await expectRefusal("permission_denied", "ann", "GET", `/v1/contacts/${into}`);
  });
});

describe("every endpoint", () => {
  const rows = MODEL_ENDPOINTS.map(({ id, method, path }) => ({ id, method, path }));

  test.each(rows)(
    "$id wants a token, and refuses what it does not know",
    async ({ method, path }) => {
      const url = path.replace("{channel}", "production.group.lobby").replace(/\{\w+\}/g, "x");
      const nobody = await server.send(url, { method, token: null });
      expect(nobody.status).toBe(401);
      const isRead = method === "GET" || method === "DELETE" || method === "PUT";
      const unknown = isRead
        ? await call("ann", method, `${url}?nonsense=1`)
        : await call("ann", method, url, { nonsense: 1 });
      expect(unknown).toMatchObject({ status: 400, body: { code: "bad_request" } });
    },
  );
});
