import type { MessageEntry } from "@anywire/client";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ConversationState,
  discard,
  EMPTY_CONVERSATION,
  enqueue,
  expireTyping,
  join,
  leave,
  receive,
  recover,
  stopTyping,
  type,
} from "./conversation-state.ts";

const BOB: ConversationState = { ...EMPTY_CONVERSATION, self: "account:bob" };

test("messages that arrive live, twice, out of order and by pages stand once each in the order of the log", () => {
  const page = fc.array(fc.integer({ min: 1, max: 50 }).map((offset) => message(offset)));
  fc.assert(
    fc.property(fc.array(page), (pages) => {
      const state = pages.reduce(receive, BOB);
      const offsets = state.messages.map(({ offset }) => offset);
      const expected = [...new Set(pages.flat().map(({ offset }) => offset))].sort((a, b) => a - b);
      expect(offsets).toEqual(expected);
    }),
  );
});

test("nothing new changes nothing", () => {
  const state = receive(BOB, [message(1)]);
  expect(receive(state, [message(1)])).toBe(state);
});

test("a message leaves the outbox when it is stored, whichever way that is learned first", () => {
  const queued = enqueue(BOB, { id: "m1", text: "1", at: 0 });
  const stored = receive(queued, [message(1, "bob")]);
  expect(stored.outbox).toEqual([]);
  expect(enqueue(stored, { id: "m1", text: "1", at: 0, error: "late news" })).toBe(stored);
});

test("a message that fails, and is tried again, keeps its place in the outbox", () => {
  const both = enqueue(enqueue(BOB, { id: "a", text: "", at: 0 }), { id: "b", text: "", at: 0 });
  const failed = enqueue(both, { id: "a", text: "", at: 0, error: "too large" });
  expect(failed.outbox.map(({ id, error }) => [id, error])).toEqual([
    ["a", "too large"],
    ["b", undefined],
  ]);
  expect(discard(failed, "a").outbox.map(({ id }) => id)).toEqual(["b"]);
});

test("what was missed counts others' messages only", () => {
  const state = receive(BOB, [message(1), message(2, "bob"), message(3), message(4)]);
  expect(recover(state, 1).recoveries).toEqual([{ afterOffset: 1, count: 2 }]);
  expect(recover(state, 4)).toBe(state);
});

test("someone with two connections is here until both are gone", () => {
  const phone = { client: "phone", user: "june" };
  const laptop = { client: "laptop", user: "june" };
  const here = type(join(join(BOB, phone), laptop), "account:june", 100);
  const half = leave(join(here, phone), phone);
  expect([half.members, half.typing.size]).toEqual([[laptop], 1]);
  const gone = leave(half, laptop);
  expect([gone.members, gone.typing.size]).toEqual([[], 0]);
});

test("typing ends with the message or with time, and one's own is not shown", () => {
  expect(type(BOB, "account:bob", 100)).toBe(BOB);
  const typing = type(type(BOB, "account:june", 100), "account:ann", 200);
  expect([...expireTyping(typing, 100).typing.keys()]).toEqual(["account:ann"]);
  expect([...stopTyping(typing, "account:ann").typing.keys()]).toEqual(["account:june"]);
  expect(expireTyping(typing, 99)).toBe(typing);
});

function message(offset: number, account = "june"): MessageEntry {
  const data = { text: String(offset) };
  return { offset, id: `m${offset}`, kind: "message", sender: `account:${account}`, at: 0, data };
}
