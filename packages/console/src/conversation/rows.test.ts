import type { TimelineMessage, TimelineState } from "@anywire/client/timeline";
import { AnywireError, type Message } from "@anywire/types";
import { expect, test } from "vitest";
import { type Row, textOf, toRows } from "./rows.ts";

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
      { id: "a", data: { text: "a" }, at: NOON },
      { id: "b", data: { text: "b" }, at: NOON, error: new AnywireError("too_large", "b") },
    ],
  });
  expect(rows.map(edges)).toEqual(["first", "last", "alone"]);
  expect(rows).toMatchObject([
    { delivery: "sent" },
    { delivery: "sending" },
    { delivery: "failed", outgoing: { error: { code: "too_large" } } },
  ]);
});

test("what others wrote has no delivery to show", () => {
  const [row] = rowsOf({ messages: [message(1, "june", NOON)] });
  expect(row).not.toHaveProperty("delivery");
});

test("one's own is delivered and read when it is with all the others", () => {
  const deliveries = (ann: number, june: number): (string | undefined)[] =>
    rowsOf({
      messages: [message(1, "bob", NOON), message(3, "bob", NOON), message(5, "bob", NOON)],
      receipts: new Map([
        ["account:bob", { readOffset: 9, deliveredOffset: 9 }],
        ["account:ann", { readOffset: ann, deliveredOffset: 5 }],
        ["account:june", { readOffset: june, deliveredOffset: 3 }],
      ]),
    }).map((row) => (row.type === "message" ? row.delivery : undefined));
  expect(deliveries(5, 1)).toEqual(["read", "delivered", "sent"]);
  // What is read was delivered, whether that was told or not.
  expect(deliveries(1, 5)).toEqual(["read", "delivered", "delivered"]);
});

test("an answer quotes what it answers, as it is now", () => {
  const answer = (replyTo: string): TimelineMessage => ({
    ...message(9, "bob", NOON),
    data: { text: "yes", replyTo },
  });
  const asked = message(1, "june", NOON);
  const quotes = (asked: TimelineMessage, replyTo: string): object | undefined => {
    const row = rowsOf({ messages: [asked, answer(replyTo)] })[1];
    return row?.type === "message" ? row.quote : undefined;
  };
  expect(quotes(asked, "m1")).toEqual({ sender: "account:june", text: "1" });
  expect(quotes({ ...asked, data: null }, "m1")).toMatchObject({ text: "Message deleted" });
  expect(quotes(asked, "m0")).toEqual({ text: "An earlier message" });
});

test("a message with parts alone has no text", () => {
  const parts: Message["parts"] = [{ type: "file", url: "https://example.org/a.pdf" }];
  const [row] = rowsOf({ messages: [{ ...message(1, "june", NOON), data: { parts } }] });
  expect(row).toMatchObject({ text: "", parts });
});

test("parts are told in words", () => {
  const parts: Message["parts"] = [
    { type: "image", url: "https://example.org/cat.png" },
    { type: "file", url: "https://example.org/a.pdf", name: "a.pdf" },
    { type: "location", latitude: 52.5, longitude: 13.4 },
  ];
  expect(textOf({ text: "look", parts })).toBe("look\nPhoto\nFile: a.pdf\n52.5, 13.4");
});

function rowsOf(state: Partial<TimelineState>): Row[] {
  const empty = { messages: [], outbox: [], recoveries: [], receipts: new Map() };
  return toRows({ ...empty, self: "account:bob", ...state } as unknown as TimelineState, NOON);
}

function edges(row: Row): string {
  if (row.type !== "message") return row.type;
  if (row.isFirst) return row.isLast ? "alone" : "first";
  return row.isLast ? "last" : "middle";
}

function message(offset: number, account: string, at: number): TimelineMessage {
  const sender = `account:${account}`;
  const data = { text: String(offset) };
  return { offset, id: `m${offset}`, sender, at, data } as TimelineMessage;
}
