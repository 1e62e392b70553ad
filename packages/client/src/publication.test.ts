import { expect, test } from "vitest";
import { asMessage, toEntry, toSignal } from "./publication.ts";

const stored = {
  channel: "production.group.lobby",
  data: { text: "hello" },
  offset: 7,
  info: { user: "bob", client: "c1" },
  tags: { id: "m1", kind: "message", at: "1700000000000" },
};

test("a stored publication is an entry with its sender's address", () => {
  expect(toEntry(stored)).toEqual({
    offset: 7,
    id: "m1",
    kind: "message",
    channel: "production.group.lobby",
    sender: "account:bob",
    client: "c1",
    at: 1_700_000_000_000,
    data: { text: "hello" },
  });
  expect(toSignal(stored)).toBeUndefined();
});

test("a sender that is no account keeps its address, and came through no connection", () => {
  const entry = toEntry({ ...stored, info: { user: "phone:+447700900123", client: "" } });
  expect(entry?.sender).toBe("phone:+447700900123");
  expect(entry).not.toHaveProperty("client");
});

test("an entry heard through a pattern names its real channel", () => {
  const heard = { ...stored, channel: "production.>" };
  const entry = toEntry({ ...heard, tags: { ...stored.tags, channel: "production.sms.1" } });
  expect(entry?.channel).toBe("production.sms.1");
});

test("a signal is no entry", () => {
  const typing = {
    channel: "production.group.lobby",
    data: null,
    info: { user: "june", client: "c2" },
    tags: { kind: "signal", signal: "typing" },
  };
  expect(toEntry(typing)).toBeUndefined();
  expect(toSignal(typing)).toEqual({
    channel: "production.group.lobby",
    kind: "typing",
    sender: "account:june",
    client: "c2",
    data: null,
  });
});

test("only entries of kind message are messages", () => {
  const entry = toEntry(stored);
  const data = toEntry({ ...stored, tags: { ...stored.tags, kind: "data" } });
  expect(entry && asMessage(entry)?.data.text).toBe("hello");
  expect(data && asMessage(data)).toBeUndefined();
});
