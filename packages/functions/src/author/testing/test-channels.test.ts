import { expect, test } from "vitest";
import { createTestContext, type TestContextOptions } from "./test-context.ts";

const channelsWith = (channels: NonNullable<TestContextOptions["channels"]> = []) =>
  createTestContext({ channels, now: 1_000 }).channels;

const lobby = {
  channel: "production.group.lobby",
  title: "Lobby",
  participants: ["account:ann", "account:bob", "phone:+447700900123"],
  messages: ["first", { text: "second", sender: "account:ann", thread: "message-1", at: 900 }],
  present: ["ann"],
};

test("a channel that the test gives is there", async () => {
  const channels = channelsWith([lobby]);
  expect(await channels.get(lobby.channel)).toEqual({
    channel: lobby.channel,
    type: "group",
    title: "Lobby",
    avatarUrl: null,
    connection: null,
    history: "all",
    participants: lobby.participants,
    participantCount: 3,
    messages: 2,
    archived: false,
    meta: {},
    createdAt: 1_000,
  });
  expect(await channels.present(lobby.channel)).toEqual([
    { client: "client-of-ann", accountId: "ann" },
  ]);
  const { participants } = await channels.participants(lobby.channel);
  expect(participants.map(({ address, role }) => `${address} ${role}`)).toEqual([
    "account:ann member",
    "account:bob member",
    "phone:+447700900123 guest",
  ]);
});

test("messages are newest first, in pages", async () => {
  const channels = channelsWith([lobby]);
  const { messages, cursor } = await channels.messages(lobby.channel);
  expect(messages.map(({ data }) => data?.text)).toEqual(["second", "first"]);
  expect(messages.map(({ replies }) => replies)).toEqual([0, 1]);
  expect(messages[0]).toMatchObject({ id: "message-2", sender: "account:ann", at: 900 });
  expect(cursor).toBeUndefined();
  const page = await channels.messages(lobby.channel, { limit: 1 });
  expect(page).toMatchObject({ messages: [{ id: "message-2" }], cursor: "2" });
  const next = await channels.messages(lobby.channel, { before: Number(page.cursor) });
  expect(next.messages.map(({ id }) => id)).toEqual(["message-1"]);
  expect((await channels.messages(lobby.channel, { after: 1 })).messages).toHaveLength(1);
  await expect(channels.messages(lobby.channel, { limit: 201 })).rejects.toThrow("1 to 200");
  expect(await channels.message(lobby.channel, "message-1")).toMatchObject({ offset: 1 });
  await expect(channels.message(lobby.channel, "message-9")).rejects.toMatchObject({
    code: "not_found",
  });
});

test("opening with the same participants finds the same channel where they are what it is known by", async () => {
  const channels = channelsWith();
  const participants = ["account:bob", "account:ann"];
  const first = await channels.open({ type: "direct", participants });
  const again = await channels.open({ type: "direct", participants: participants.toReversed() });
  expect(again).toEqual(first);
  expect(first).toMatchObject({ participants: ["account:ann", "account:bob"], createdAt: 1_000 });
  const group = await channels.open({ type: "group", participants });
  const other = await channels.open({ type: "group", participants });
  expect(other.channel).not.toBe(group.channel);
  const byId = await channels.open({ type: "group", participants, id: "mine", title: "A" });
  expect(await channels.open({ type: "group", participants, id: "mine" })).toEqual(byId);
});

test("who opens a channel takes part in it, unless it is not to join", async () => {
  const channels = channelsWith();
  const participants = ["account:bob", "account:cat"];
  const joined = await channels.open({ type: "group", participants, as: "ann" });
  expect(joined.participants).toEqual(["account:ann", ...participants]);
  const apart = await channels.open({ type: "group", participants, as: "ann", join: false });
  expect(apart.participants).toEqual(participants);
});

test.each([
  [{ type: "group", participants: ["account:bob"] }, "a channel needs somebody else"],
  [{ type: "notification", participants: ["account:bob", "account:ann"] }, "no type of channel"],
  [{ type: "group", participants: ["account:bob", "phone:+447700900123"] }, "stays in the app"],
  [{ type: "direct", participants: ["account:a", "account:b", "account:c"] }, "two accounts"],
  [{ type: "sms", participants: ["account:a", "account:b"] }, "needs a contact"],
  [{ type: "group", people: [] }, "people"],
  [{ type: "group", participants: ["account:a", "account:b"], platform: "staging" }, "crosses"],
])("what a server would not open is refused: %o", async (request, words) => {
  await expect(channelsWith().open(request as never)).rejects.toThrow(words);
});

test("a channel changes as it is told", async () => {
  const channels = channelsWith([lobby]);
  expect(await channels.update(lobby.channel, { title: null, meta: { a: 1 } })).toMatchObject({
    title: null,
    meta: { a: 1 },
  });
  await expect(channels.update(lobby.channel, { name: "x" } as never)).rejects.toThrow("name");
  await channels.addParticipants(lobby.channel, ["account:cat"]);
  await channels.removeParticipants(lobby.channel, ["account:ann", "account:bob"]);
  expect((await channels.get(lobby.channel)).participants).toEqual([
    "phone:+447700900123",
    "account:cat",
  ]);
  await expect(channels.removeParticipants(lobby.channel, ["account:bob"])).rejects.toThrow(
    "account:bob does not take part",
  );
  await expect(channels.addParticipants(lobby.channel, [])).rejects.toMatchObject({
    code: "bad_request",
  });
});

test("the participants that a channel is known by never change", async () => {
  const channels = channelsWith();
  const participants = ["account:ann", "account:bob"];
  const { channel } = await channels.open({ type: "direct", participants });
  await expect(channels.addParticipants(channel, ["account:cat"])).rejects.toMatchObject({
    code: "conflict",
  });
});

test("a channel that nobody opened is not found, and one of another platform is none of its business", async () => {
  const channels = channelsWith();
  await expect(channels.get("production.group.a")).rejects.toThrow(
    'give it to the test: { channels: [{ channel: "production.group.a" }] }',
  );
  await expect(channels.messages("staging.group.a")).rejects.toMatchObject({
    code: "permission_denied",
  });
  expect(() => channelsWith([{ channel: "staging.group.a" }])).toThrow("nothing crosses platforms");
});
