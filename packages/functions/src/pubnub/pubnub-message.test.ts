import { expect, test } from "vitest";
import { fromPubNubMessage, isPubNubMessage, toPubNubMessage } from "./pubnub-message.ts";

test("what is in the meta of a message stands beside its text, and goes back there", () => {
  const message = { text: "hi", replyTo: "m1", meta: { userId: "7", tags: ["a"] } };
  const shown = toPubNubMessage(message);
  expect(shown).toEqual({ text: "hi", replyTo: "m1", userId: "7", tags: ["a"] });
  expect(fromPubNubMessage({ ...shown, sentiment: 0.5 }, message.meta)).toEqual({
    text: "hi",
    replyTo: "m1",
    meta: { userId: "7", tags: ["a"], sentiment: 0.5 },
  });
});

test("a message that has only parts has no text", () => {
  const parts = [{ type: "text" as const, text: "hi" }];
  expect(toPubNubMessage({ text: "", parts })).toEqual({ parts });
});

test("meta under a name of the message's own is neither shown nor lost", () => {
  const meta = { text: "hidden", userId: "7" };
  const shown = toPubNubMessage({ text: "hi", meta });
  expect(shown).toEqual({ text: "hi", userId: "7" });
  expect(fromPubNubMessage(shown, meta)).toEqual({ text: "hi", meta });
});

test("a field that was deleted is gone", () => {
  expect(fromPubNubMessage({ text: "hi" }, { userId: "7" })).toEqual({ text: "hi" });
});

test("a text is a message of that text", () => {
  expect(fromPubNubMessage("hi")).toEqual({ text: "hi" });
});

test.each([[7], [null], [["hi"]], [undefined]])("%j is no message", (value) => {
  expect(() => fromPubNubMessage(value)).toThrow("a message must be an object");
});

test.each([
  ["hi", true],
  [{ text: "hi", userId: 7 }, true],
  [{ parts: [] }, true],
  ["", false],
  [{ text: "" }, false],
  [{ text: 7 }, false],
  [{ temperature: 21 }, false],
  [["hi"], false],
  [null, false],
])("whether %j is a message: %j", (value, expected) => {
  expect(isPubNubMessage(value)).toBe(expected);
});
