import { type AnywireClient, createClient } from "@anywire/client";
import { createPresenceWatch, type PresenceWatch } from "@anywire/client/presence";
import { expect, it, onTestFinished } from "vitest";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

const SOON = { presence: { graceMs: 20 } };

async function device(server: TestServer, account: string): Promise<AnywireClient> {
  const client = await unconnected(server, account);
  client.connect();
  return client;
}

async function unconnected(server: TestServer, account: string): Promise<AnywireClient> {
  const token = await server.token(account, { subscribe: [], publish: [] });
  const client = createClient({ url: server.url, token, maxReconnectDelayMs: 20 });
  onTestFinished(() => client.disconnect());
  return client;
}

/** Resolves once what is known of the accounts is that. */
function shows(watch: PresenceWatch, expected: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      const statuses = [...watch.getState()].map(([id, { status }]) => [id, status]);
      if (JSON.stringify(Object.fromEntries(statuses.sort())) !== JSON.stringify(expected)) return;
      stop();
      resolve();
    };
    const stop = watch.subscribe(look);
    look();
  });
}

it("shows who is online, also those who came and went while the client was away", async () => {
  const server = await startTestServer(SOON);
  const ann = await device(server, "ann");
  const watch = createPresenceWatch(ann);
  // Before the client knows its platform.
  for (const account of ["bob", "june"]) watch.watch(account);
  await shows(watch, { bob: "offline", june: "offline" });
  const bob = await device(server, "bob");
  await shows(watch, { bob: "online", june: "offline" });
  ann.disconnect();
  bob.disconnect();
  const june = await device(server, "june");
  await june.call("presence.set", { status: "away" });
  ann.connect();
  await shows(watch, { bob: "offline", june: "away" });
});

it("asks once for hundreds that come together, and watches as long as somebody does", async () => {
  const server = await startTestServer(SOON);
  const ann = await device(server, "ann");
  await ann.ready();
  const watch = createPresenceWatch(ann);
  const accounts = Array.from({ length: 300 }, (_, i) => `a${i}`);
  const stops = [...accounts, "a0"].map((account) => watch.watch(account));
  const all = Object.fromEntries(accounts.sort().map((account) => [account, "offline"]));
  await shows(watch, all);
  for (const stop of stops) stop();
  expect(watch.getState().size).toBe(0);
  const again = watch.watch("a0");
  watch.watch("a0");
  await device(server, "a0");
  await shows(watch, { a0: "online" });
  again();
  again();
  await shows(watch, { a0: "online" });
});

it("watches whoever was asked for before anybody connected, as components do that are shown before their parents run", async () => {
  // It was never watched: the wait for the connection had ended before there was one to wait for.
  const server = await startTestServer(SOON);
  const ann = await unconnected(server, "ann");
  const watch = createPresenceWatch(ann);
  watch.watch("bob")();
  watch.watch("june");
  ann.connect();
  await shows(watch, { june: "offline" });
});
