import { createMemoryLog, createMemoryState, MemoryLogBackend } from "@anywire/engines/memory";
import { expect, test } from "vitest";
import { unreadOf } from "../inbox/summary.ts";
import type { ChannelDocument, MembershipDocument } from "./documents.ts";
import { channelKey, membershipKeyOf } from "./state-key.ts";

const ROOM = "p.group.room";
const PEOPLE = ["account:ann", "account:bob"];

test("a message of a sender that is no account is the last one, and unread for everyone", async () => {
  const backend = new MemoryLogBackend();
  const [log, state] = [createMemoryLog(backend), createMemoryState(backend)];
  await Promise.all([log.start(), state.start()]);
  const append = async (sender: string, kind: "opened" | "message", data: object) => {
    const dataJson = JSON.stringify(data);
    await log.append({ channel: ROOM, id: kind, kind, sender, dataJson });
  };
  await append("account:ann", "opened", {
    ...{ type: "group", title: null, avatarUrl: null, connection: null, history: "all" },
    ...{ meta: {}, isFixed: false },
    participants: PEOPLE.map((address) => ({ address, role: "owner" })),
  });
  const sender = "function:echo";
  await append(sender, "message", { text: "hi", mentions: ["account:bob"] });
  const sides = PEOPLE.map((address) => membershipKeyOf(ROOM, address) ?? channelKey(ROOM));
  const { values } = await state.get([channelKey(ROOM), ...sides]);
  const [channel, ...memberships] = values as [ChannelDocument, ...MembershipDocument[]];
  expect(channel).toMatchObject({ messages: 1, lastMessage: { sender, text: "hi" } });
  expect(memberships.map((one) => unreadOf(channel.messages, one))).toEqual([1, 1]);
});
