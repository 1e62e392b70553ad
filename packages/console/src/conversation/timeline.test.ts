import type { MessageEntry } from "@anywire/client";
import { expect, test } from "vitest";
import { type ConversationState, EMPTY_CONVERSATION } from "./conversation-state.ts";
import { type Row, textOf, toRows } from "./timeline.ts";

const NOON = new Date(2026, 4, 12, 12).getTime();
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

test("messages of one sender close in time are a run", () => {
  const rows = rowsOf({
    messages: [
      message(1, "june", NOON),
      message(2, "june", NOON + MINUTE),
      message(3, "bob", NOON + 2 * MINUTE),
      message(4, "bob", NOON + 9 * MINUTE),
    ],
  });
  expect(rows.map(edges)).toEqual(["first", "last", "alone", "alone"]);
});

test("while all is from today no day is named, otherwise every one", () => {
  expect(rowsOf({ messages: [message(1, "june", NOON)] }).map(({ type }) => type)).toEqual([
    "message",
  ]);
  const messages = [message(1, "june", NOON - DAY), message(2, "june", NOON)];
  expect(rowsOf({ messages }).map(({ type }) => type)).toEqual([
    "day",
    "message",
    "day",
    "message",
  ]);
});

test("a line says what was missed right before the first message of it, and parts a run", () => {
  const rows = rowsOf({
    messages: [message(3, "june", NOON), message(7, "june", NOON), message(9, "june", NOON)],
    recoveries: [{ afterOffset: 3, count: 2 }],
  });
  expect(rows.map(edges)).toEqual(["alone", "recovered", "first", "last"]);
});

test("older messages that are read later do not move that line", () => {
  const rows = rowsOf({
    messages: [message(1, "june", NOON), message(3, "june", NOON), message(7, "june", NOON)],
    recoveries: [{ afterOffset: 3, count: 1 }],
  });
  expect(rows.map(({ type }) => type)).toEqual(["message", "message", "recovered", "message"]);
});

test("what is on its way stands last, and what failed stands alone", () => {
  const rows = rowsOf({
    messages: [message(1, "bob", NOON)],
    outbox: [
      { id: "a", text: "a", at: NOON },
      { id: "b", text: "b", at: NOON, error: "too large" },
    ],
  });
  expect(rows.map(edges)).toEqual(["first", "last", "alone"]);
  expect(rows).toMatchObject([
    { delivery: "sent" },
    { delivery: "sending" },
    { delivery: "failed", outgoing: { error: "too large" } },
  ]);
});

test("what others wrote has no delivery to show", () => {
  const [row] = rowsOf({ messages: [message(1, "june", NOON)] });
  expect(row).not.toHaveProperty("delivery");
});

test("parts are told in words", () => {
  const parts: MessageEntry["data"]["parts"] = [
    { type: "image", url: "https://example.org/cat.png" },
    { type: "file", url: "https://example.org/a.pdf", name: "a.pdf" },
    { type: "location", latitude: 52.5, longitude: 13.4 },
  ];
  const data = { text: "look", parts };
  expect(textOf({ ...message(1, "june", NOON), data })).toBe("look\n[image]\na.pdf\n52.5, 13.4");
});

function rowsOf(state: Partial<ConversationState>): Row[] {
  return toRows({ ...EMPTY_CONVERSATION, self: "account:bob", ...state }, NOON);
}

function edges(row: Row): string {
  if (row.type !== "message") return row.type;
  if (row.isFirst) return row.isLast ? "alone" : "first";
  return row.isLast ? "last" : "middle";
}

function message(offset: number, account: string, at: number): MessageEntry {
  const data = { text: String(offset) };
  return { offset, id: `m${offset}`, kind: "message", sender: `account:${account}`, at, data };
}
