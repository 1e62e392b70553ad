import type { AnywireClient } from "@anywire/client";
import { type AccountPresence, presenceChannel } from "@anywire/types";
import { describe, expect, it } from "vitest";
import { connectClient } from "./support/connect-client.ts";
import { lastingEngine } from "./support/engine-config.ts";
import { Inbox } from "./support/inbox.ts";
import { connectSdk, DIALECTS, subscribeSdk } from "./support/sdk-client.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

const SOON = { presence: { graceMs: 20 } };
const BOB = presenceChannel("production", "bob");

/** What a client is told of Bob, from now on. */
async function watchBob(client: AnywireClient): Promise<Inbox<AccountPresence>> {
  const told = new Inbox<AccountPresence>("presence of bob");
  const channel = client.channel(BOB);
  channel.on("signal", ({ kind, data }) => {
    if (kind === "presence") told.push(data as AccountPresence);
  });
  channel.subscribe();
  await channel.ready();
  return told;
}

async function bobAsSeenBy(client: AnywireClient): Promise<AccountPresence | undefined> {
  return (await client.call("presence.get", { accounts: ["bob"] })).accounts[0];
}

describe.each(DIALECTS)("the presence of an account over $name", (dialect) => {
  it("is told to those who watch it, over all its devices", async () => {
    const server = await startTestServer(SOON);
    const ann = await connectSdk(server, { dialect, account: "ann" });
    const { publications } = await subscribeSdk(ann, BOB);
    const phone = await connectClient(server, "bob");
    const desk = await connectClient(server, "bob");
    for (const one of [phone, desk]) await one.call("presence.set", { status: "away" });
    await publications.find(({ data }) => statusIn(ann.unpack(data)) === "away");
    phone.disconnect();
    desk.disconnect();
    const { data, tags } = await publications.find(
      (publication) => statusIn(ann.unpack(publication.data)) === "offline",
    );
    expect(tags).toMatchObject({ kind: "signal", signal: "presence" });
    expect(ann.unpack(data)).toEqual({
      account: "bob",
      status: "offline",
      lastSeenAt: expect.any(Number),
    });
  });
});

function statusIn(data: unknown): string {
  return (data as AccountPresence).status;
}

it("is not told to change when a device comes back in time, however it went", async () => {
  const server = await startTestServer({ presence: { graceMs: 60_000 } });
  const ann = await connectClient(server, "ann");
  const told = await watchBob(ann);
  const bob = await connectClient(server, "bob");
  for (let i = 0; i < 5; i += 1) {
    bob.disconnect();
    expect((await bobAsSeenBy(ann))?.status).toBe("online");
    bob.connect();
    await bob.ready();
  }
  await told.atLeast(6);
  expect(new Set(told.items.map(({ status }) => status))).toEqual(new Set(["online"]));
});

it("is asked for over HTTP as well, and its last time survives a restart", async () => {
  const engine = await lastingEngine();
  const server = await startTestServer({ ...engine, presence: { graceMs: 60_000 } });
  const before = Date.now();
  await connectClient(server, "bob");
  const asked = async (at: TestServer) => {
    const headers = { authorization: `Bearer ${await at.token("ann")}` };
    const answer = await fetch(`${at.url}/v1/presence?accounts=bob,ann`, { headers });
    return ((await answer.json()) as { accounts: AccountPresence[] }).accounts;
  };
  expect(await asked(server)).toMatchObject([{ status: "online" }, { status: "offline" }]);
  await server.close();
  // Without a grace: a cluster remembers that Bob left just now.
  const config = { ...engine, presence: { graceMs: 0 } };
  const again = await startTestServer(config, { keySet: server.keySet });
  const [bob, ann] = await asked(again);
  expect(bob).toMatchObject({ account: "bob", status: "offline" });
  expect(bob?.lastSeenAt).toBeGreaterThanOrEqual(before);
  expect(bob?.lastSeenAt).toBeLessThanOrEqual(Date.now());
  expect(ann).toEqual({ account: "ann", status: "offline", lastSeenAt: null });
});

it("is no secret of who watches, and nobody can say it for somebody else", async () => {
  const server = await startTestServer();
  const ann = await connectClient(server, "ann");
  await watchBob(ann);
  const eve = await connectSdk(server, { account: "eve" });
  // In JSON the protocol leaves a zero out.
  expect((await eve.centrifuge.presenceStats(BOB)).numClients ?? 0).toBe(0);
  await expect(eve.centrifuge.presenceStats("production._online.bob")).rejects.toMatchObject({
    message: expect.stringContaining("no channel type _online"),
  });
  await expect(ann.channel(BOB).send("online")).rejects.toMatchObject({
    code: "permission_denied",
  });
  const signal = { channel: BOB, kind: "presence", data: { account: "bob", status: "offline" } };
  await expect(ann.call("signal.send", signal)).rejects.toMatchObject({
    code: "permission_denied",
  });
  const wide = ann.channel("production.presence.*");
  wide.subscribe();
  await expect(wide.ready()).rejects.toMatchObject({ code: "permission_denied" });
  await expect(ann.call("channel.open", { type: "presence", participants: [] })).rejects.toEqual(
    expect.objectContaining({ code: "bad_request" }),
  );
});

it("is told to its watchers alone, once each time it changes", async () => {
  const server = await startTestServer(SOON);
  const watchers = await Promise.all(
    ["ann", "june"].map((account) => connectClient(server, account)),
  );
  const told = await Promise.all(watchers.map(watchBob));
  const others = await Promise.all(
    Array.from({ length: 50 }, (_, i) => connectClient(server, `other-${i}`)),
  );
  const bob = await connectClient(server, "bob");
  await Promise.all(told.map((inbox) => inbox.atLeast(1)));
  for (const other of others) other.disconnect();
  bob.disconnect();
  for (const inbox of told) await inbox.find(({ status }) => status === "offline");
  expect(told.map(({ items }) => items.length)).toEqual([2, 2]);
});
