import type { AnywireClient, Channel, PresenceMember } from "@anywire/client";
import { expect, test } from "vitest";
import { Conversation } from "./conversation.ts";

const BOB: PresenceMember = { client: "1", user: "bob" };
const JUNE: PresenceMember = { client: "2", user: "june" };

test("whoever comes while the list of members is on its way is not forgotten", async () => {
  const { conversation, emit, answer } = openConversation();
  emit("state", { state: "subscribed", isContinuous: true });
  emit("join", BOB);
  emit("join", JUNE);
  await answer([BOB]);
  expect(conversation.getSnapshot().members).toEqual([BOB, JUNE]);
});

test("whoever leaves while the list of members is on its way is gone", async () => {
  const { conversation, emit, answer } = openConversation();
  emit("state", { state: "subscribed", isContinuous: true });
  emit("leave", JUNE);
  await answer([BOB, JUNE]);
  expect(conversation.getSnapshot().members).toEqual([BOB]);
});

test("a list of members says nothing about who came and went before it was asked for", async () => {
  const { conversation, emit, answer } = openConversation();
  emit("join", JUNE);
  emit("state", { state: "subscribed", isContinuous: true });
  await answer([BOB]);
  expect(conversation.getSnapshot().members).toEqual([BOB]);
});

/** A conversation whose channel says what the test says. */
function openConversation(): {
  conversation: Conversation;
  emit: (name: string, event: unknown) => void;
  answer: (members: PresenceMember[]) => Promise<void>;
} {
  const listeners = new Map<string, (event: unknown) => void>();
  const presence = Promise.withResolvers<PresenceMember[]>();
  const channel = {
    on: (name: string, listener: (event: unknown) => void) => listeners.set(name, listener),
    history: async () => ({ entries: [], hasMore: false, epoch: "e" }),
    presence: () => presence.promise,
  } as unknown as Channel;
  const client = { on: () => {}, channel: () => channel } as unknown as AnywireClient;
  return {
    conversation: new Conversation(client, "production.group.lobby"),
    emit: (name, event) => listeners.get(name)?.(event),
    async answer(members) {
      presence.resolve(members);
      await presence.promise;
      await new Promise(setImmediate);
    },
  };
}
