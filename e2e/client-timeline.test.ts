import { type AnywireClient, createClient } from "@anywire/client";
import { createTimeline, type Timeline, type TimelineState } from "@anywire/client/timeline";
import type { MessageView } from "@anywire/types";
import fc from "fast-check";
import { expect, inject, it, onTestFinished } from "vitest";
import { connectClient } from "./support/connect-client.ts";
import { startTestServer } from "./support/start-test-server.ts";

/** Each step waits for the state, which on a cluster takes many times as long. */
const RUNS = inject("e2eEngine") === "cluster" ? 25 : 100;

function shows(timeline: Timeline, fits: (state: TimelineState) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!fits(timeline.getState())) return;
      stop();
      resolve();
    };
    const stop = timeline.subscribe(look);
    look();
  });
}

function openTimeline(client: AnywireClient, channel: string, pageSize = 40): Timeline {
  const timeline = createTimeline(client, channel, { pageSize });
  timeline.open();
  return timeline;
}

async function groupOf(client: AnywireClient, ...others: string[]): Promise<string> {
  const participants = others.map((account) => `account:${account}`);
  const { name } = await client.channels.open({ type: "group", title: "G", participants });
  return name;
}

const texts = ({ messages }: TimelineState): (string | undefined)[] =>
  messages.map(({ data }) => data?.text);

/** What the server says now, oldest first. */
async function listed(client: AnywireClient, channel: string): Promise<readonly MessageView[]> {
  const { messages } = await client.call("message.list", { channel, limit: 200, order: "asc" });
  return messages;
}

const known = ({ messages }: TimelineState): MessageView[] =>
  messages.map(({ asOf: _, ...m }) => m);

it("shows a message at once, and once, however often the connection is lost before it is stored", async () => {
  const server = await startTestServer();
  const [ann, bob] = [await connectClient(server, "ann"), await connectClient(server, "bob")];
  const channel = await groupOf(ann, "bob");
  const mine = openTimeline(ann, channel);
  const theirs = openTimeline(bob, channel);
  await shows(mine, ({ history }) => history === "ready");
  ann.disconnect();
  mine.send("one");
  mine.send("two");
  expect(mine.getState().outbox.map(({ data }) => data.text)).toEqual(["one", "two"]);
  for (let i = 0; i < 3; i += 1) {
    ann.connect();
    ann.disconnect();
  }
  ann.connect();
  await shows(theirs, (state) => texts(state).length === 2);
  await shows(mine, ({ outbox, messages }) => outbox.length === 0 && messages.length === 2);
  expect(texts(mine.getState())).toEqual(["one", "two"]);
  expect(texts(theirs.getState())).toEqual(["one", "two"]);
});

// It was shown as refused: only a connection lost while it was on its way counted as lost, and here there was none before.
it("keeps what is written while disconnected until there is a connection", async () => {
  const server = await startTestServer();
  const [ann] = [await connectClient(server, "ann"), await connectClient(server, "bob")];
  const timeline = openTimeline(ann, await groupOf(ann, "bob"));
  await shows(timeline, ({ history }) => history === "ready");
  ann.disconnect();
  timeline.send("later");
  await expect(ann.ready()).rejects.toMatchObject({ code: "unavailable" });
  expect(timeline.getState().outbox).toMatchObject([{ data: { text: "later" } }]);
  expect(timeline.getState().outbox[0]).not.toHaveProperty("error");
  ann.connect();
  await shows(timeline, ({ outbox, messages }) => outbox.length === 0 && messages.length === 1);
});

it("keeps a refused message for a decision", async () => {
  const server = await startTestServer();
  const [ann] = [await connectClient(server, "ann"), await connectClient(server, "bob")];
  const channel = await groupOf(ann, "bob");
  const timeline = openTimeline(ann, channel);
  timeline.send({ id: "m", text: "lost", thread: "nothing" });
  await shows(timeline, ({ outbox }) => outbox[0]?.error !== undefined);
  expect(timeline.getState().outbox[0]?.error).toMatchObject({ code: "not_found" });
  timeline.retry("m");
  expect(timeline.getState().outbox[0]?.error).toBeUndefined();
  await shows(timeline, ({ outbox }) => outbox[0]?.error !== undefined);
  timeline.discard("m");
  expect(timeline.getState()).toMatchObject({ outbox: [], messages: [] });
});

it("shows a channel that nobody opened, page by page", async () => {
  const server = await startTestServer();
  const everything = { subscribe: ["production.>"], publish: ["production.>"] };
  const token = await server.token("bob", everything);
  const client = createClient({ url: server.url, token });
  onTestFinished(() => client.disconnect());
  client.connect();
  const lobby = client.channel("production.group.lobby");
  for (const text of ["1", "2", "3", "4", "5"]) await lobby.send(text);
  const timeline = openTimeline(client, lobby.name, 2);
  await shows(timeline, ({ history }) => history === "ready");
  expect(texts(timeline.getState())).toEqual(["4", "5"]);
  await timeline.loadOlder();
  await timeline.loadOlder();
  expect(texts(timeline.getState())).toEqual(["1", "2", "3", "4", "5"]);
  expect(timeline.getState().olderBefore).toBeUndefined();
  // No read marks without state: nothing to be told of.
  await timeline.read();
});

it("tells who is typing and how far the others have read", async () => {
  const server = await startTestServer();
  const [ann, bob] = [await connectClient(server, "ann"), await connectClient(server, "bob")];
  const channel = await groupOf(ann, "bob");
  const [mine, theirs] = [openTimeline(ann, channel), openTimeline(bob, channel)];
  await Promise.all([mine, theirs].map((one) => shows(one, ({ history }) => history === "ready")));
  theirs.type();
  await shows(mine, ({ typing }) => typing[0] === "account:bob");
  theirs.send("done");
  await shows(mine, ({ typing, messages }) => typing.length === 0 && messages.length === 1);
  const { offset = 0 } = mine.getState().messages[0] ?? {};
  await mine.read();
  await shows(theirs, ({ receipts }) => receipts.get("account:ann")?.readOffset === offset);
  // Whoever comes later finds it.
  theirs.close();
  theirs.open();
  await shows(theirs, ({ receipts }) => receipts.get("account:ann")?.readOffset === offset);
});

it("counts reactions as the server does when more react than a message names", async () => {
  const server = await startTestServer();
  const names = Array.from({ length: 24 }, (_, i) => `a${i}`);
  const clients = await Promise.all(names.map((name) => connectClient(server, name)));
  const ann = await connectClient(server, "ann");
  const channel = await groupOf(ann, ...names);
  const { id } = await ann.channel(channel).send("vote");
  const timeline = openTimeline(ann, channel);
  await shows(timeline, ({ history }) => history === "ready");
  const react = async (name: "reaction.add" | "reaction.remove", i: number): Promise<void> => {
    await clients[i]?.call(name, { channel, id, emoji: "👍" });
  };
  for (let i = 0; i < 24; i += 1) await react("reaction.add", i);
  // Those of the last ones are not named, so that whether they count twice can't be told from the message.
  for (const i of [22, 23, 1]) await react("reaction.add", i);
  for (const i of [23, 23, 2]) await react("reaction.remove", i);
  const [fresh] = await listed(ann, channel);
  expect(fresh?.reactions[0]?.count).toBe(22);
  await shows(timeline, ({ messages }) => messages[0]?.reactions[0]?.count === 22);
  expect(known(timeline.getState())).toEqual([fresh]);
});

const action = fc.record({
  what: fc.constantFrom(
    ...(["send", "reply", "edit", "react", "unreact", "pin", "unpin", "delete", "hide"] as const),
    ...(["lose", "come back", "older"] as const),
  ),
  by: fc.boolean(),
  which: fc.nat(30),
  emoji: fc.constantFrom("👍", "❤️"),
});

it("holds what the server holds after random histories, with reconnects in between", async () => {
  const server = await startTestServer();
  const [ann, bob] = [await connectClient(server, "ann"), await connectClient(server, "bob")];
  const second = await connectClient(server, "ann");
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60 }), async (actions) => {
      const channel = await groupOf(bob, "ann");
      const timeline = openTimeline(ann, channel, 5);
      const ids: string[] = [];
      for (const { what, by, which, emoji } of actions) {
        const who = by ? second : bob;
        const at = { channel, id: ids[which % Math.max(1, ids.length)] ?? "none" };
        const calls: Readonly<Record<typeof what, () => Promise<unknown> | undefined>> = {
          send: async () => ids.push((await who.channel(channel).send(`m${which}`)).id),
          reply: async () =>
            ids.push((await who.channel(channel).send({ text: "r", thread: at.id })).id),
          edit: () => who.call("message.edit", { ...at, text: `e${which}` }),
          react: () => who.call("reaction.add", { ...at, emoji }),
          unreact: () => who.call("reaction.remove", { ...at, emoji }),
          pin: () => who.call("pin.add", at),
          unpin: () => who.call("pin.remove", at),
          delete: () => who.call("message.delete", at),
          hide: () => second.call("message.delete", { ...at, forMe: true }),
          lose: async () => ann.disconnect(),
          "come back": async () => ann.connect(),
          older: () => (ann.state === "connected" ? timeline.loadOlder() : undefined),
        };
        // Many are refused: nothing there yet, deleted already, not one's own.
        await calls[what]()?.catch(() => {});
      }
      ann.connect();
      await shows(timeline, ({ history }) => history === "ready");
      const { id } = await bob.channel(channel).send("end");
      // What concerns the account alone comes on another channel: its order to this one is not promised.
      await shows(timeline, ({ messages }) => messages.at(-1)?.id === id);
      while (timeline.getState().olderBefore !== undefined) await timeline.loadOlder();
      await ann.call("me.snapshot");
      const fresh = await listed(ann, channel);
      expect(known(timeline.getState())).toEqual(fresh);
      timeline.close();
    }),
    { numRuns: RUNS },
  );
}, 120_000);
