import type { HandsetMessageView } from "@anywire/types";
import { expect, test } from "vitest";
import { rowsOf, saidIn } from "./handset-rows.ts";

const NOON = new Date(2026, 4, 20, 12).getTime();
const MINUTE = 60_000;

function message(id: string, changes: Partial<HandsetMessageView> = {}): HandsetMessageView {
  return {
    ...{ id, direction: "in", text: id, media: [], at: NOON, status: "delivered" },
    ...{ isEdited: false, isDeleted: false },
    ...changes,
  };
}

test("messages of one side that are close together are a run", () => {
  const rows = rowsOf(
    [
      message("a"),
      message("b", { at: NOON + MINUTE }),
      message("c", { at: NOON + 9 * MINUTE }),
      message("d", { at: NOON + 9 * MINUTE, direction: "out" }),
    ],
    NOON,
  );
  expect(rows.map(({ isFirst, isLast, isOwn }) => [isFirst, isLast, isOwn])).toEqual([
    [true, false, false],
    [false, true, false],
    [true, true, false],
    [true, true, true],
  ]);
});

test("a day stands before its first message", () => {
  const yesterday = NOON - 24 * 60 * MINUTE;
  const rows = rowsOf([message("a", { at: yesterday }), message("b"), message("c")], NOON);
  expect(rows.map(({ day }) => day)).toEqual(["Yesterday", "Today", undefined]);
});

test("an answer says what it answers, if that is still there", () => {
  const rows = rowsOf(
    [message("a"), message("b", { replyTo: "a" }), message("c", { replyTo: "gone" })],
    NOON,
  );
  expect(rows.map(({ quote }) => quote)).toEqual([undefined, "a", undefined]);
});

test("a message without text is told of by what it is", () => {
  const media = [{ name: "a.png", mimeType: "image/png", url: "a" }];
  expect(saidIn(message("a", { text: "", media }))).toBe("a.png");
  expect(saidIn(message("a", { text: "", subject: "Hello" }))).toBe("Hello");
  expect(saidIn(message("a", { isDeleted: true }))).toBe("Deleted");
});
