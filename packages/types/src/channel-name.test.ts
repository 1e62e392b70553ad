import fc from "fast-check";
import { expect, test } from "vitest";
import {
  channelNameSchema,
  formatChannelName,
  isChannelName,
  isSegment,
  notificationChannel,
  parseChannelName,
  platformOf,
} from "./channel-name.ts";

const segment = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const parts = fc.record({ platform: segment, type: segment, id: segment });

test("a name taken apart and put together again is the same name", () => {
  fc.assert(
    fc.property(parts, (name) => {
      const text = formatChannelName(name);
      expect(parseChannelName(text)).toEqual(name);
      expect(isChannelName(text)).toBe(true);
      expect(platformOf(text)).toBe(name.platform);
    }),
  );
});

test("every text is either a name of three segments or refused by all who take names", () => {
  const nearly = fc.stringMatching(/^[a.*>\n -]{0,8}$/);
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string({ unit: "binary" }), segment), (text) => {
      const pieces = text.split(".");
      const isName = pieces.length === 3 && pieces.every(isSegment);
      expect(isChannelName(text)).toBe(isName);
      expect(channelNameSchema.safeParse(text).success).toBe(isName);
      if (!isName) expect(() => parseChannelName(text)).toThrow("is not a channel name");
    }),
  );
});

test("a segment has 1 to 64 characters and no line break sneaks in at its end", () => {
  expect(isSegment("a".repeat(64))).toBe(true);
  for (const text of ["", "a".repeat(65), "a\n", "a.b", "*", ">", "é", "\u0000"]) {
    expect(isSegment(text)).toBe(false);
  }
});

test("parts that would make another name than asked for are refused", () => {
  const bad = { platform: "p", type: "group.x", id: "y" };
  expect(() => formatChannelName(bad)).toThrow("is not a channel name");
  expect(() => notificationChannel("p", "*")).toThrow("is not a channel name");
});

test("a refusal carries its code and not a megabyte of the caller's text", () => {
  const parse = () => parseChannelName("x".repeat(1_000_000));
  expect(parse).toThrow(expect.objectContaining({ code: "unknown_channel" }));
  expect(parse).toThrow(/^.{1,400}$/);
});

test("an account's notification channel is on its platform", () => {
  expect(notificationChannel("staging", "bob")).toBe("staging.notification.bob");
  expect(platformOf("staging")).toBe("staging");
});
