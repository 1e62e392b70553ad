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

test("of two lists of members on their way the newer one counts", async () => {
  const { conversation, emit, answer } = openConversation();
  emit("state", { state: "subscribed", isContinuous: true });
  emit("state", { state: "subscribed", isContinuous: true });
  await answer([]);
  emit("join", JUNE);
  await answer([BOB]);
  expect(conversation.getSnapshot().members).toEqual([BOB, JUNE]);
});

test("whoever comes is there when the list of members could not be read", async () => {
  const { conversation, emit, fail } = openConversation();
  emit("state", { state: "subscribed", isContinuous: true });
  await fail();
  emit("join", JUNE);
  expect(conversation.getSnapshot().members).toEqual([JUNE]);
});

/** A conversation whose channel says what the test says, and answers what it was asked first, first. */
function openConversation(): {
  conversation: Conversation;
  emit: (name: string, event: unknown) => void;
  answer: (members: PresenceMember[]) => Promise<void>;
  fail: () => Promise<void>;
} {
  const listeners = new Map<string, (event: unknown) => void>();
  const asked: PromiseWithResolvers<PresenceMember[]>[] = [];
  const channel = {
    on: (name: string, listener: (event: unknown) => void) => listeners.set(name, listener),
    history: async () => ({ entries: [], hasMore: false, epoch: "e" }),
    presence: () => {
      const question = Promise.withResolvers<PresenceMember[]>();
      asked.push(question);
      return question.promise;
    },
  } as unknown as Channel;
  const client = { on: () => {}, channel: () => channel } as unknown as AnywireClient;
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    conversation: new Conversation(client, "production.group.lobby"),
    emit: (name, event) => listeners.get(name)?.(event),
    answer(members) {
      asked.shift()?.resolve(members);
      return settled();
    },
    fail() {
      asked.shift()?.reject(new Error("the connection is gone"));
      return settled();
    },
  };
}
