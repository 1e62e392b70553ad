import type { ChannelInfo, NotificationEvent, SentMessage, Snapshot } from "@anywire/types";
import { describe, expect, it } from "vitest";
import { Inbox } from "./support/inbox.ts";
import { nextEvent } from "./support/next-event.ts";
import { openRaw } from "./support/raw-client.ts";
import {
  createSdkClient,
  DIALECTS,
  type Dialect,
  type SdkClient,
  WEBSOCKET_JSON,
} from "./support/sdk-client.ts";
import { startTestServer, type TestServer } from "./support/start-test-server.ts";

/** A device of an account whose token has no patterns: what it may do follows from taking part. */
class TestDevice {
  readonly events = new Inbox<NotificationEvent>("notifications");
  readonly #client: SdkClient;

  constructor(client: SdkClient) {
    this.#client = client;
    client.centrifuge.on("publication", ({ data }) => {
      this.events.push(client.unpack(data) as NotificationEvent);
    });
  }

  get centrifuge() {
    return this.#client.centrifuge;
  }

  async connect(): Promise<void> {
    const subscribed = nextEvent(this.centrifuge, "subscribed");
    this.centrifuge.connect();
    await subscribed;
  }

  async call<T>(method: string, request: object = {}): Promise<T> {
    const { data } = await this.centrifuge.rpc(method, this.#client.pack(request));
    return this.#client.unpack(data) as T;
  }
}

async function device(server: TestServer, account: string, dialect: Dialect): Promise<TestDevice> {
  const token = await server.token(account, { subscribe: [], publish: [] });
  const opened = new TestDevice(await createSdkClient(server, { dialect, token }));
  await opened.connect();
  return opened;
}

describe.each(DIALECTS)("the messaging model over $name", (dialect) => {
  it("keeps all devices of an account in step, also one that was away", async () => {
    const server = await startTestServer();
    const ann = await device(server, "ann", dialect);
    const [phone, laptop] = [
      await device(server, "bob", dialect),
      await device(server, "bob", dialect),
    ];
    await ann.call<Snapshot>("me.snapshot");
    const snapshot = await phone.call<Snapshot>("me.snapshot");
    expect(snapshot).toMatchObject({ channels: [], totals: { unread: 0 } });
    const { channel } = await ann.call<ChannelInfo>("channel.open", {
      type: "direct",
      participants: ["account:bob"],
    });
    const sent = await ann.call<SentMessage>("message.send", { channel, text: "hello" });
    for (const { events } of [phone, laptop]) {
      // The first one: its own first snapshot made the account known.
      const [account, opened, message] = await events.atLeast(3);
      expect(account).toMatchObject({ event: "account.updated", account: { id: "bob" } });
      expect(opened).toMatchObject({ event: "channel.opened", channel, change: { unread: 0 } });
      expect(message).toMatchObject({
        event: "message.new",
        by: "account:ann",
        change: { lastMessage: { text: "hello" }, unread: 1 },
        totals: { unread: 1, unreadChannels: 1 },
      });
    }
    laptop.centrifuge.disconnect();
    await phone.call("channel.read", { channel, offset: sent.offset });
    await phone.call("channel.hide", { channel });
    await laptop.connect();
    const names = (await laptop.events.atLeast(5)).map(({ event }) => event);
    expect(names.slice(-2)).toEqual(["channel.read", "channel.hidden"]);
    expect((await laptop.events.atLeast(5)).at(-1)).toMatchObject({
      change: { unread: 0, hidden: true },
      totals: { unread: 0, unreadChannels: 0 },
    });
  });

  it("lets those who take part hear a channel, and ends that when they are removed", async () => {
    const server = await startTestServer();
    const ann = await device(server, "ann", dialect);
    const bob = await device(server, "bob", dialect);
    await bob.call("me.snapshot");
    const { channel } = await ann.call<ChannelInfo>("channel.open", {
      type: "group",
      title: "Lobby",
      participants: ["account:bob"],
    });
    const heard = bob.centrifuge.newSubscription(channel);
    const publications: unknown[] = [];
    // Where the state comes along after the log, one hears of one's own removal as the last thing.
    heard.on("publication", ({ tags }) => {
      if (tags?.["kind"] === "message") publications.push(tags["id"]);
    });
    const subscribed = nextEvent(heard, "subscribed");
    heard.subscribe();
    await subscribed;
    const ended = nextEvent(heard, "unsubscribed");
    const one = await ann.call<SentMessage>("message.send", { channel, text: "one" });
    await ann.call("channel.remove", { channel, participants: ["account:bob"] });
    await ann.call("message.send", { channel, text: "two" });
    expect(await ended).toMatchObject({ code: expect.any(Number) });
    expect(publications).toEqual([one.id]);
    await expect(bob.call("message.send", { channel, text: "still here?" })).rejects.toMatchObject({
      code: 103,
    });
    await expect(bob.centrifuge.history(channel, { limit: 10 })).rejects.toMatchObject({
      code: 103,
    });
  });
});

it("ends what a removed account hears, also on a connection that wants to hear of nothing else", async () => {
  const server = await startTestServer({ recovery: { idleTopics: 0 } });
  const ann = await device(server, "ann", WEBSOCKET_JSON);
  const token = await server.token("bob", { subscribe: [], publish: [] });
  const bob = await openRaw(server);
  await bob.request({ connect: { token } });
  await bob.request({ rpc: { method: "me.snapshot", data: {} } });
  const participants = ["account:bob"];
  const { channel } = await ann.call<ChannelInfo>("channel.open", {
    type: "group",
    title: "Lobby",
    participants,
  });
  await bob.request({ subscribe: { channel } });
  const { error } = await bob.request({
    unsubscribe: { channel: "production.notification.bob" },
  });
  expect(error).toMatchObject({ code: 103 });
  await ann.call("channel.remove", { channel, participants });
  await bob.replies.find(({ push }) => push?.channel === channel && push.unsubscribe !== undefined);
});
