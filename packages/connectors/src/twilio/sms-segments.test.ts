import fc from "fast-check";
import { SegmentedMessage } from "sms-segments-calculator";
import { expect, test } from "vitest";
import { estimateSms } from "./sms-segments.ts";

test.each([
  ["nothing", "", 1],
  ["160 letters", "a".repeat(160), 1],
  ["161 letters, of which each part holds 153", "a".repeat(161), 2],
  ["306 letters", "a".repeat(306), 2],
  ["307 letters", "a".repeat(307), 3],
  ["80 braces, which take two places each", "{".repeat(80), 1],
  ["81 braces", "{".repeat(81), 2],
  ["letters of the alphabet that are not ASCII", "äöüñ£¥èéùìòÇØø".repeat(11), 1],
])("GSM-7: %s", (_name, text, segments) => {
  expect(estimateSms(text, false)).toEqual({ segments, encoding: "GSM-7" });
});

test.each([
  ["70 characters of which one is foreign", `${"a".repeat(69)}ß…`.slice(-70), 1, "…"],
  ["71 characters, of which each part holds 67", `${"a".repeat(70)}…`, 2, "…"],
  ["a letter with a grave that the alphabet lacks", "ẁ", 1, "ẁ"],
  ["35 emoji, of two units each", "😀".repeat(35), 1, "😀"],
  ["36 emoji", "😀".repeat(36), 2, "😀"],
  ["the first of several foreign characters", "abc “quoted” 你", 1, "“"],
])("UCS-2: %s", (_name, text, segments, forcedBy) => {
  expect(estimateSms(text, false)).toEqual({ segments, encoding: "UCS-2", forcedBy });
});

test("smart encoding takes straight quotes for curly ones", () => {
  expect(estimateSms("“quoted”", true)).toEqual({ segments: 1, encoding: "GSM-7" });
});

test("a text is as long as Twilio's own calculator says, also where it is only counted", () => {
  const piece = fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 3 });
  // Where one letter more makes another segment.
  const length = fc.constantFrom(1, 80, 81, 160, 161, 306, 307, 459, 460);
  fc.assert(
    fc.property(piece, length, fc.boolean(), (letters, count, isSmartEncoded) => {
      const text = letters.repeat(count).slice(0, count);
      const { segmentsCount, encodingName } = new SegmentedMessage(text, "auto", isSmartEncoded);
      expect(estimateSms(text, isSmartEncoded)).toMatchObject({
        segments: segmentsCount,
        encoding: encodingName,
      });
    }),
    { numRuns: 500 },
  );
});
