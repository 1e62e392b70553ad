import type { Entry, SentMessage } from "@anywire/types";
import { expect, test, vi } from "vitest";
import type { ChannelEvents } from "../channel.ts";
import type { AnywireClient, ClientEvents } from "../client.ts";
import { Emitter } from "../emitter.ts";
import { createTimeline } from "./timeline.ts";

const A = "p.group.a";

/** A timeline of a channel that is subscribed, whose requests are answered by hand. */
function setUp() {
  const clientEvents = new Emitter<ClientEvents>();
  const events = new Emitter<ChannelEvents>();
  const send = vi.fn<() => Promise<SentMessage>>();
  const call = vi.fn(
    async (_method: string, _request?: object): Promise<object> => ({ messages: [], asOf: 0 }),
  );
  const read = vi.fn(async () => {});
  const channel = {
    name: A,
    state: "subscribed",
    lastOffset: 7,
    on: events.on.bind(events),
    ...{ send, call, read, subscribe() {}, unsubscribe() {} },
  };
  const client = {
    state: "connected",
    account: "bob",
    on: clientEvents.on.bind(clientEvents),
    channel: () => channel,
  } as unknown as AnywireClient;
  const timeline = createTimeline(client, A);
  return { timeline, channel, clientEvents, events, send, call, read };
}

test("the answer to one's own reply takes nothing from what came before it and is told later", async () => {
  // The reply moved its message on, so that a mark of before the reply, told after its answer, passed for known.
  const { timeline, events, send } = setUp();
  timeline.open();
  const place = { channel: A, at: 1 } as const;
  const of = { ...place, sender: "account:ann" };
  events.emit("entry", {
    ...of,
    id: "m",
    offset: 1,
    kind: "message",
    data: { text: "hi" },
  } as Entry);
  send.mockImplementation(async (): Promise<SentMessage> => {
    const { id } = timeline.getState().outbox[0] ?? { id: "" };
    return { ...place, id, offset: 3, epoch: "e", timetoken: "3" } as SentMessage;
  });
  const data = { text: "hello", thread: "m" };
  timeline.send(data);
  await vi.waitFor(() => expect(timeline.getState().messages).toHaveLength(2));
  const mark = { target: "m", emoji: "+1", action: "add" };
  events.emit("entry", { ...of, id: "r", offset: 2, kind: "reaction", data: mark } as Entry);
  const { id } = timeline.getState().messages[1] ?? { id: "" };
  const own = { ...place, sender: "account:bob", id, offset: 3, kind: "message", data };
  events.emit("entry", own as Entry);
  const [message] = timeline.getState().messages;
  expect(message?.reactions).toMatchObject([{ emoji: "+1", count: 1 }]);
  expect(message?.replies).toBe(1);
});

test("a page has what came before the subscription, and a message read anew what was told of it", async () => {
  // Where the server's state trailed, a message of the moment before was neither in the page nor told, and never shown.
  const { timeline, events, call } = setUp();
  const message = { id: "m", offset: 5, reactions: [{ emoji: "+1", count: 9, accounts: [] }] };
  let asOf = 7;
  call.mockImplementation(async (method) => {
    if (method !== "message.list") throw new Error("for a test");
    return { messages: [message], asOf };
  });
  timeline.open();
  await vi.waitFor(() => expect(timeline.getState().messages).toHaveLength(1));
  const data = { target: "m", emoji: "+1", action: "add" };
  asOf = 8;
  events.emit("entry", { id: "r", offset: 8, kind: "reaction", sender: "x", at: 1, data } as Entry);
  const lists = call.mock.calls.filter(([method]) => method === "message.list");
  expect(lists).toMatchObject([
    ["message.list", { limit: 40, waitFor: 7 }],
    ["message.list", { after: 4, before: 6, waitFor: 7 }],
  ]);
});

test.each([
  ["before the subscription", "subscribing"],
  ["before the subscription was ended", "subscribed"],
])("a page that was read %s is read anew", async (_, state) => {
  // Older messages were asked for while the channel was still being subscribed to: what was said after that page and before
  // the subscription was never shown.
  const { timeline, channel, events, call } = setUp();
  const messages: { id: string; offset: number }[] = [];
  call.mockImplementation(async (method) => {
    if (method !== "message.list") throw new Error("for a test");
    return { messages: [...messages], asOf: 0 };
  });
  channel.state = state;
  timeline.open();
  await timeline.loadOlder();
  await vi.waitFor(() => expect(timeline.getState().history).toBe("ready"));
  if (state === "subscribed") events.emit("state", { state: "unsubscribed" });
  messages.push({ id: "m", offset: 5 });
  events.emit("state", { state: "subscribing" });
  events.emit("state", { state: "subscribed", isContinuous: true });
  await vi.waitFor(() => expect(timeline.getState().messages).toMatchObject([{ id: "m" }]));
});

test("missed is what came while the connection was lost, not what came while nobody looked at the channel", () => {
  // A channel that was opened again with something unread said that it had been missed, though nothing was ever lost.
  const { timeline, events } = setUp();
  timeline.open();
  const comeBack = (offset: number): void => {
    events.emit("state", { state: "subscribing" });
    events.emit("state", { state: "subscribed", isContinuous: true });
    const of = { channel: A, sender: "account:ann", at: 1, kind: "message", data: { text: "hi" } };
    events.emit("entry", { ...of, id: `m${offset}`, offset } as Entry);
    events.emit("recovered", { afterOffset: offset - 1 });
  };
  events.emit("state", { state: "unsubscribed" });
  comeBack(5);
  expect(timeline.getState().messages).toMatchObject([{ offset: 5 }]);
  expect(timeline.getState().recoveries).toEqual([]);
  comeBack(6);
  expect(timeline.getState().recoveries).toEqual([{ afterOffset: 5, count: 1 }]);
});

test("a page is one change, however much came before it", async () => {
  // Everything that had come was taken in anew, each with a new list: with thousands of messages the page froze.
  const { timeline, events, call } = setUp();
  call.mockImplementation(async (method) => {
    if (method !== "message.list") throw new Error("for a test");
    return { messages: [], cursor: "1", asOf: 1000 };
  });
  timeline.open();
  await vi.waitFor(() => expect(timeline.getState().history).toBe("ready"));
  for (let offset = 1; offset <= 500; offset += 1) {
    const data = { text: "hi" };
    const of = { channel: A, sender: "account:ann", at: 1 };
    events.emit("entry", { ...of, id: `m${offset}`, offset, kind: "message", data } as Entry);
  }
  const before = timeline.getState().messages;
  const listener = vi.fn();
  timeline.subscribe(listener);
  await timeline.loadOlder();
  expect(listener.mock.calls.length).toBeLessThan(5);
  expect(timeline.getState().messages).toBe(before);
});

test("what was read is said again when it may not be so any more", async () => {
  // Another device had put the mark back meanwhile, or the connection is another account's.
  const { timeline, clientEvents, events, read } = setUp();
  timeline.open();
  const say = (): void => {
    const of = { channel: A, sender: "account:ann", at: 1 };
    events.emit("entry", {
      ...of,
      id: "m",
      offset: 1,
      kind: "message",
      data: { text: "hi" },
    } as Entry);
  };
  say();
  await timeline.read();
  await timeline.read();
  expect(read).toHaveBeenCalledTimes(1);
  clientEvents.emit("synced", { isContinuous: false });
  say();
  await timeline.read();
  expect(read).toHaveBeenCalledTimes(2);
});

test("who comes is not shown where it was not asked for, although another timeline of the channel did", () => {
  // It showed those who had come since, and nobody of those who were there.
  const { timeline, events } = setUp();
  timeline.open();
  events.emit("join", { client: "c", user: "ann" });
  expect(timeline.getState().members).toEqual([]);
});
