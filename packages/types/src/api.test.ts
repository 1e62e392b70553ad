import { expect, test } from "vitest";
import {
  entriesQuerySchema,
  messageSendRpcSchema,
  problemSchema,
  sendMessageRequestSchema,
  signalSendRpcSchema,
} from "./api.ts";
import { ERRORS } from "./errors.ts";

test("a sent message is checked like every message, also with an id and a channel beside it", () => {
  const channel = "production.group.lobby";
  expect(sendMessageRequestSchema.parse({ id: "m-1", text: "hi" })).toEqual({
    id: "m-1",
    text: "hi",
  });
  expect(messageSendRpcSchema.parse({ channel, text: "hi" })).toEqual({ channel, text: "hi" });
  for (const value of [{ channel }, { channel, id: "m-1" }, { channel, text: "hi", extra: 1 }]) {
    expect(messageSendRpcSchema.safeParse(value).success).toBe(false);
  }
});

test("a query for entries comes as text and has defaults", () => {
  expect(entriesQuerySchema.parse({})).toEqual({ limit: 100, order: "asc" });
  expect(entriesQuerySchema.parse({ after: "0", before: "7", limit: "1000" })).toEqual({
    after: 0,
    before: 7,
    limit: 1000,
    order: "asc",
  });
});

test.each([
  { limit: "0" },
  { limit: "1001" },
  { limit: "" },
  { after: "-1" },
  { after: "x" },
  { after: "1.5" },
  { after: "9007199254740993" },
  { before: "0" },
  { order: "up" },
  { since: "1" },
])("the query %j is refused", (query) => {
  expect(entriesQuerySchema.safeParse(query).success).toBe(false);
});

test("a signal's kind is a lower-case word and its data is optional", () => {
  const signal = { channel: "production.group.lobby", kind: "typing" };
  expect(signalSendRpcSchema.parse(signal)).toEqual(signal);
  for (const kind of ["", "Typing", "a b", "x".repeat(33), "typing\n"]) {
    expect(signalSendRpcSchema.safeParse({ ...signal, kind }).success).toBe(false);
  }
});

test("a problem can name every error of the table and no other", () => {
  const problem = { type: "/docs/errors/x", title: "x", status: 400, detail: "x" };
  for (const code of Object.keys(ERRORS)) {
    expect(problemSchema.safeParse({ ...problem, code }).success).toBe(true);
  }
  expect(problemSchema.safeParse({ ...problem, code: "nope" }).success).toBe(false);
});
