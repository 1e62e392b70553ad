import { runFunction } from "@anywire/functions";
import { expect, test } from "vitest";
import smsLengthGuard from "./sms-length-guard.ts";

test.each([
  ["nothing but a picture", "", 1],
  ["one SMS to the brim", "x".repeat(160), 1],
  ["one character more", "x".repeat(161), 2],
  ["four to the brim", "x".repeat(4 * 153), 4],
  ["a sign that takes the room of two", `${"x".repeat(159)}€`, 2],
  ["a sign that does not fit into the rest", `${"x".repeat(152)}€${"x".repeat(151)}`, 2],
  ["the same with another one behind", `${"x".repeat(152)}€${"x".repeat(152)}`, 3],
  ["Cyrillic to the brim", "я".repeat(70), 1],
  ["Cyrillic beyond it", "я".repeat(71), 2],
  ["an emoji, which is two of UCS-2", `${"x".repeat(69)}🙂`, 2],
  ["emojis, none of which is split", "🙂".repeat(66 + 1), 3],
])("%s is counted as it is sent", async (_name, text, segments) => {
  const message = text === "" ? { parts: [IMAGE] } : { text };
  const { result } = await runFunction(smsLengthGuard, { message });
  expect(result).toMatchObject({ type: "ok", changed: { meta: { segments } } });
});

test("what is too long is refused, with the reason", async () => {
  const long = await runFunction(smsLengthGuard, { message: "x".repeat(4 * 153 + 1) });
  expect(long.result).toEqual({
    type: "abort",
    reason: "this text is 5 SMS long, and may be 4",
  });
});

test("the sender learns which character makes a text so long", async () => {
  const message = `${"x".repeat(290)}ł`;
  const { result } = await runFunction(smsLengthGuard, { message });
  expect(result).toEqual({
    type: "abort",
    reason: "this text is 5 SMS long, and may be 4; with ł in it, one takes only 67 characters",
  });
});

test("what else a message carries stays", async () => {
  const message = { text: "hi", meta: { campaign: "spring" } };
  const { result } = await runFunction(smsLengthGuard, { message });
  expect(result).toMatchObject({ changed: { meta: { campaign: "spring", segments: 1 } } });
});

const IMAGE = { type: "image" as const, url: "https://example.org/cat.jpg" };
