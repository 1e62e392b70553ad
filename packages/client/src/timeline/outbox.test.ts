import { AnywireError, type SendMessageRequest, type SentMessage } from "@anywire/types";
import { expect, test } from "vitest";
import type { ChannelEvents } from "../channel.ts";
import type { AnywireClient, ClientEvents, ConnectionState } from "../client.ts";
import { Emitter } from "../emitter.ts";
import { createTimeline } from "./timeline.ts";

const A = "p.group.a";

/** An open timeline whose messages are stored or refused by hand, the one that was sent first first. */
function setUp() {
  const clientEvents = new Emitter<ClientEvents>();
  const events = new Emitter<ChannelEvents>();
  const sent: string[] = [];
  const waiting: { id: string; answer: PromiseWithResolvers<SentMessage> }[] = [];
  const channel = {
    name: A,
    state: "subscribed",
    on: events.on.bind(events),
    call: async () => ({ messages: [], asOf: 0 }),
    subscribe() {},
    unsubscribe() {},
    send({ id = "", text = "" }: SendMessageRequest) {
      sent.push(text);
      const answer = Promise.withResolvers<SentMessage>();
      if (client.state === "disconnected") answer.reject(new AnywireError("unavailable", "gone"));
      else waiting.push({ id, answer });
      return answer.promise;
    },
  };
  const client = {
    state: "connected" as ConnectionState,
    account: "bob",
    on: clientEvents.on.bind(clientEvents),
    channel: () => channel,
  };
  const timeline = createTimeline(client as unknown as AnywireClient, A);
  timeline.open();
  let offset = 0;
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    timeline,
    sent,
    texts: () => timeline.getState().messages.map(({ data }) => data?.text),
    outbox: () => timeline.getState().outbox.map(({ data }) => data.text),
    connect(state: ConnectionState, account = "bob") {
      Object.assign(client, { state, account });
      clientEvents.emit("state", { state, failedAttempts: 0 });
      return settled();
    },
    store(channel = A) {
      offset += 1;
      const { id = "", answer } = waiting.shift() ?? {};
      answer?.resolve({ id, channel, offset, epoch: "e", timetoken: `${offset}`, at: offset });
      return settled();
    },
    /** The entry of the message whose turn it is to be stored, or of the last one that was. */
    hear(text: string) {
      const [next] = waiting;
      const { id = "" } = next ?? timeline.getState().messages.at(-1) ?? {};
      const at = next === undefined ? offset : offset + 1;
      const fixed = { kind: "message", sender: "account:bob", at } as const;
      events.emit("entry", { ...fixed, id, offset: at, data: { text } });
    },
    refuse(code: "unavailable" | "permission_denied") {
      waiting.shift()?.answer.reject(new AnywireError(code, "for a test"));
      return settled();
    },
  };
}

test("what is written comes to stand in the order in which it was written", async () => {
  const { timeline, sent, store, texts, outbox } = setUp();
  for (const text of ["1", "2", "3"]) timeline.send(text);
  expect(outbox()).toEqual(["1", "2", "3"]);
  expect(sent).toEqual(["1"]);
  await store();
  expect(sent).toEqual(["1", "2"]);
  await store();
  await store();
  expect(texts()).toEqual(["1", "2", "3"]);
  expect(outbox()).toEqual([]);
});

test("also what is written without a connection, once there is one", async () => {
  const { timeline, sent, store, connect, texts } = setUp();
  await connect("disconnected");
  for (const text of ["1", "2"]) timeline.send(text);
  await connect("connecting");
  await connect("connected");
  // Asked for at once, and then again.
  expect(sent).toEqual(["1", "1"]);
  await store();
  await store();
  expect(texts()).toEqual(["1", "2"]);
});

test("a message that the server changed on its way is shown as it was stored, whichever is heard first", async () => {
  const { timeline, store, hear, texts } = setUp();
  timeline.send("damn");
  hear("****");
  expect(texts()).toEqual(["****"]);
  await store();
  expect(texts()).toEqual(["****"]);
  timeline.send("damn");
  await store();
  hear("****");
  expect(texts()).toEqual(["****", "****"]);
});

test("a message that the server put on another channel is not shown on this one", async () => {
  const { timeline, store, texts, outbox } = setUp();
  timeline.send("billing");
  await store("p.group.b");
  expect([texts(), outbox()]).toEqual([[], []]);
});

test("what is refused does not keep the next one waiting", async () => {
  const { timeline, store, refuse, texts, outbox } = setUp();
  for (const text of ["1", "2"]) timeline.send(text);
  await refuse("permission_denied");
  await store();
  expect(texts()).toEqual(["2"]);
  expect(outbox()).toEqual(["1"]);
  const [refused] = timeline.getState().outbox;
  expect(refused?.error?.code).toBe("permission_denied");
  timeline.retry(refused?.id ?? "");
  await store();
  expect(outbox()).toEqual([]);
});

test("what was given up while it was on its way does not come back as refused", async () => {
  const { timeline, refuse, outbox } = setUp();
  timeline.send("1");
  timeline.discard(timeline.getState().outbox[0]?.id ?? "");
  await refuse("permission_denied");
  expect(outbox()).toEqual([]);
});

test("what one account has written is not said by another", async () => {
  const { timeline, sent, connect, outbox } = setUp();
  await connect("disconnected");
  timeline.send("from bob");
  await connect("connected", "ann");
  expect(outbox()).toEqual([]);
  expect(sent).toEqual(["from bob"]);
});
