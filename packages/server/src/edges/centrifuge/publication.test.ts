import { Broadcast } from "@anywire/core";
import { expect, test } from "vitest";
import { entryOf } from "./broadcasts.fixture.ts";
import { isPublication, publicationFields } from "./publication.ts";

const member = { client: "c1", user: "bob" };

test("an entry on a pattern names its channel, for those who read fields and those who read tags", () => {
  const event = { type: "entry", entry: entryOf() } as const;
  const onPattern = publicationFields(new Broadcast("p.*.lobby", event));
  expect(onPattern.channel).toBe("p.group.lobby");
  expect(onPattern.tags).toMatchObject({ channel: "p.group.lobby" });
  const onChannel = publicationFields(new Broadcast("p.group.lobby", event));
  expect(onChannel.channel).toBeUndefined();
  expect(onChannel.tags).toEqual({ id: "m-1", kind: "data", at: "1700000000000" });
});

test("the user is the account's id, or the whole address when there is no account", () => {
  const userOf = (sender: string) => {
    const entry = entryOf({ sender });
    return publicationFields(new Broadcast("p.>", { type: "entry", entry })).user;
  };
  expect(userOf("account:bob")).toBe("bob");
  expect(userOf("phone:+447700900123")).toBe("phone:+447700900123");
});

test("a signal has a kind, no position and no time", () => {
  const signal = { channel: "p.group.lobby", member, kind: "typing", dataJson: "null" };
  const fields = publicationFields(new Broadcast("p.>", { type: "signal", ...signal }));
  expect(fields).toEqual({
    dataJson: "null",
    user: "bob",
    client: "c1",
    offset: 0,
    tags: { kind: "signal", signal: "typing", channel: "p.group.lobby" },
    time: 0,
    channel: "p.group.lobby",
  });
});

test("those who come and go are no publication", () => {
  const join = { type: "join", channel: "p.group.lobby", member } as const;
  expect(isPublication(join)).toBe(false);
  expect(() => publicationFields(new Broadcast("p.group.lobby", join))).toThrow("join");
  expect(isPublication({ type: "entry", entry: entryOf() })).toBe(true);
});
