import type { createClient } from "@anywire/client";
import {
  createStore,
  reportDelivered,
  type Store,
  selectChannels,
  selectTotals,
} from "@anywire/client/store";
import type { SentMessage } from "@anywire/types";
import { expect, it, onTestFinished } from "vitest";
import { createTestClient } from "./support/connect-client.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

interface Device {
  readonly client: ReturnType<typeof createClient>;
  readonly store: Store;
}

async function device(server: TestServer, account: string): Promise<Device> {
  const client = await createTestClient(server, account);
  const store = createStore(client);
  onTestFinished(() => store.close());
  client.connect();
  await store.ready();
  return { client, store };
}

/** Resolves once the store shows what fits. */
function shows(store: Store, fits: (store: Store) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!fits(store)) return;
      stop();
      resolve();
    };
    const stop = store.subscribe(look);
    look();
  });
}

const unread = (count: number) => (store: Store) => selectTotals(store.getState()).unread === count;

it("keeps two devices in step: a new group, what is unread, what is hidden, also after a reconnect", async () => {
  const server = await startTestServer();
  const ann = await device(server, "ann");
  const [phone, laptop] = [await device(server, "bob"), await device(server, "bob")];
  const { channel } = await ann.client.call("channel.open", {
    type: "group",
    title: "Lobby",
    participants: ["account:bob"],
    id: "lobby",
  });
  const send = (text: string): Promise<SentMessage> =>
    ann.client.call("message.send", { channel, text, id: text });
  await send("one");
  await Promise.all([phone, laptop].map(({ store }) => shows(store, unread(1))));
  expect(selectChannels(phone.store.getState())).toMatchObject([
    { channel, title: "Lobby", lastMessage: { text: "one" } },
  ]);
  const { offset } = await send("two");
  await phone.client.call("channel.read", { channel, offset });
  await Promise.all([phone, laptop].map(({ store }) => shows(store, unread(0))));
  laptop.client.disconnect();
  await phone.client.call("channel.hide", { channel });
  laptop.client.connect();
  const hidden = (store: Store): boolean => selectChannels(store.getState()).length === 0;
  await shows(laptop.store, hidden);
  await send("three");
  await shows(laptop.store, (store) => !hidden(store) && unread(1)(store));
  await shows(phone.store, (store) => !hidden(store) && unread(1)(store));
  const fresh = await phone.client.call("me.snapshot");
  for (const { store } of [phone, laptop]) {
    expect(selectChannels(store.getState())).toEqual(fresh.channels);
    expect(selectTotals(store.getState())).toEqual(fresh.totals);
  }
});

it("tells the sender once that what came together was delivered, and nothing of what is read already", async () => {
  const server = await startTestServer();
  const [ann, bob] = [await device(server, "ann"), await device(server, "bob")];
  onTestFinished(reportDelivered(bob.client, bob.store));
  const { channel } = await ann.client.call("channel.open", {
    type: "direct",
    participants: ["account:bob"],
  });
  const receipts: unknown[] = [];
  const direct = ann.client.channel(channel);
  const told = new Promise<void>((resolve) => {
    direct.on("signal", ({ kind, data }) => {
      if (kind !== "receipt") return;
      receipts.push(data);
      resolve();
    });
  });
  direct.subscribe();
  await direct.ready();
  await direct.send("one");
  const { offset } = await direct.send("two");
  await told;
  expect(receipts).toMatchObject([{ account: "account:bob", deliveredOffset: offset }]);
});
