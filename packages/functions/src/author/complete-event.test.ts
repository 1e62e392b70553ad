import { isChannelName, matchesPattern } from "@anywire/types";
import fc from "fast-check";
import { expect, test } from "vitest";
import { completeEvent } from "./complete-event.ts";
import type { Bound } from "./definition.ts";
import { TRIGGERS, type Trigger } from "./trigger.ts";

const defaults = { now: 1_767_225_600_000, id: "entry-1" };

const complete = <K extends Trigger>(
  trigger: K,
  event: object = {},
  { binding = "*.sms.*", options = {} }: Partial<Bound> = {},
) => completeEvent({ trigger, binding, options }, event, defaults);

test("what an event leaves out gets a value that fits its function", () => {
  expect(complete("beforePublish")).toEqual({
    channel: "production.sms.1",
    platform: "production",
    channelType: "sms",
    channelId: "1",
    kind: "message",
    id: "entry-1",
    sender: "account:bob",
    message: { text: "Hello" },
    trace: { id: "entry-1", via: [] },
    attempt: 1,
  });
  expect(complete("afterPublish")).toMatchObject({
    offset: 1,
    at: defaults.now,
    timetoken: "17672256000000000",
  });
  expect(complete("beforeSignal")).toMatchObject({
    kind: "typing",
    accountId: "bob",
    client: "client-1",
    data: null,
  });
  expect(complete("afterPresence")).toMatchObject({ action: "join", accountId: "bob" });
  expect(complete("onCron", {}, { binding: "* * * * *" })).toEqual({
    scheduledAt: defaults.now,
    trace: { id: "entry-1", via: [] },
    attempt: 1,
  });
});

test("an event that is whole already comes back as it is", () => {
  const bindings: Partial<Record<Trigger, string>> = { onRequest: "POST /tickets/:id" };
  for (const trigger of TRIGGERS) {
    const binding = bindings[trigger] ?? "*.sms.*";
    const event = complete(trigger, {}, { binding });
    expect(complete(trigger, event, { binding }), trigger).toEqual(event);
  }
});

test("what is given stays, and the id is where the trace begins", () => {
  const given = { id: "m-7", sender: "phone:+447700900123", attempt: 3 };
  expect(complete("afterPublish", given)).toMatchObject({ ...given, trace: { id: "m-7" } });
  const trace = { id: "root", via: ["one"] };
  expect(complete("afterPublish", { trace })).toMatchObject({ trace });
});

const token = fc.constantFrom("*", "a", "b-1");
const pattern = fc.oneof(
  fc.constant(">"),
  token.map((a) => `${a}.>`),
  fc.tuple(token, token).map(([a, b]) => `${a}.${b}.>`),
  fc.tuple(token, token, token).map((tokens) => tokens.join(".")),
);

test("the channel is always one that the pattern matches", () => {
  fc.assert(
    fc.property(pattern, (binding) => {
      const { channel } = complete("beforeSignal", {}, { binding });
      expect(isChannelName(channel)).toBe(true);
      expect(matchesPattern(binding, channel)).toBe(true);
    }),
  );
});

test("parts of a channel's name may be given alone, and must fit the whole", () => {
  expect(complete("beforePublish", { platform: "staging", channelId: "7" })).toMatchObject({
    channel: "staging.sms.7",
  });
  expect(() => complete("beforePublish", { channelType: "group" })).toThrow(
    "the function is bound to *.sms.*, and never runs for production.group.1",
  );
  expect(() => complete("beforePublish", { channel: "a.sms.b", platform: "c" })).toThrow(
    "the channel is a.sms.b; leave platform, channelType and channelId out",
  );
});

test("a message may be a text, and is a copy of what was given", () => {
  expect(complete("beforePublish", { message: "hi" })).toMatchObject({ message: { text: "hi" } });
  const meta = { a: [1] };
  const event = complete("beforePublish", { message: { text: "hi", meta } });
  if (event.kind === "data") throw new Error("it is a message");
  (event.message.meta as typeof meta).a.push(2);
  expect(meta).toEqual({ a: [1] });
});

test("the kind follows from what is given", () => {
  const kinds = { options: { kinds: ["data", "edit", "message"] as const } };
  expect(complete("beforePublish", {}, kinds)).toMatchObject({ kind: "data", data: null });
  expect(complete("beforePublish", { message: "a" }, kinds)).toMatchObject({ kind: "message" });
  expect(complete("beforePublish", { data: 1 }, kinds)).toMatchObject({ kind: "data", data: 1 });
  expect(complete("beforePublish", { target: "m-1" }, kinds)).toMatchObject({
    kind: "edit",
    target: "m-1",
  });
  expect(complete("beforePublish", { kind: "edit" })).toMatchObject({ target: "message-1" });
});

test.each([
  [{ data: 1 }, "run for the kinds message, edit, not for data"],
  [{ kind: "message", data: 1 }, "a message has no data"],
  [{ kind: "message", target: "m-1" }, "only an edit has a target"],
  [{ message: {} }, "a message needs text or parts"],
  [{ message: 7 }, "the number 7 is no message"],
  [{ message: { text: "a", meta: { b: 7n } } }, "message must be JSON"],
  [{ sender: "bob" }, "sender: must be kind:value"],
  [{ channel: "lobby" }, "channel: must be a channel's name"],
  [{ mesage: "a" }, "mesage"],
  [{ attempt: 0 }, "attempt:"],
  [{ offset: 1 }, "offset"],
  [null, "expected object"],
])("an event that is none is refused: %o", (event, words) => {
  const run = () => complete("beforePublish", event as object);
  expect(run).toThrow(expect.objectContaining({ code: "bad_request" }));
  expect(run).toThrow(words);
});

test("data is never a message", () => {
  const kinds = { options: { kinds: ["data"] as const } };
  expect(() => complete("beforePublish", { kind: "data", message: "a" }, kinds)).toThrow(
    "data has no message",
  );
});
