import { createPresenceWatch, type PresenceWatch } from "@anywire/client/presence";
import { expect, it } from "vitest";
import { connectClient, createTestClient } from "./support/connect-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

const SOON = { presence: { graceMs: 20 } };

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
  const ann = await connectClient(server, "ann");
  const watch = createPresenceWatch(ann);
  // Before the client knows its platform.
  for (const account of ["bob", "june"]) watch.watch(account);
  await shows(watch, { bob: "offline", june: "offline" });
  const bob = await connectClient(server, "bob");
  await shows(watch, { bob: "online", june: "offline" });
  ann.disconnect();
  bob.disconnect();
  const june = await connectClient(server, "june");
  await june.call("presence.set", { status: "away" });
  ann.connect();
  await shows(watch, { bob: "offline", june: "away" });
});

it("asks once for hundreds that come together, and watches as long as somebody does", async () => {
  const server = await startTestServer(SOON);
  const ann = await connectClient(server, "ann");
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
  await connectClient(server, "a0");
  await shows(watch, { a0: "online" });
  again();
  again();
  await shows(watch, { a0: "online" });
});

it("watches whoever was asked for before anybody connected, as components do that are shown before their parents run", async () => {
  // It was never watched: the wait for the connection had ended before there was one to wait for.
  const server = await startTestServer(SOON);
  const ann = await createTestClient(server, "ann");
  const watch = createPresenceWatch(ann);
  watch.watch("bob")();
  watch.watch("june");
  ann.connect();
  await shows(watch, { june: "offline" });
});
