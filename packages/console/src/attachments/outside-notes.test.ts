import type { ChannelAbilities } from "@anywire/types";
import { expect, test } from "vitest";
import { outsideNotes } from "./outside-notes.ts";

const X: ChannelAbilities = {
  ...{ network: "x", edit: null, delete: null, reactions: [], reply: false },
  media: [
    { kind: "image", level: "full", mimeTypes: ["image/png"], maxBytes: 10 },
    { kind: "audio", level: "dropped" },
    { kind: "video", level: "rejected" },
  ],
  maxMedia: 1,
};

function notes(outside: ChannelAbilities | null, ...files: [type: string, size: number][]) {
  const leaving = files.map(([type, size], key) => ({ key, file: { type, size } }));
  return [...outsideNotes(leaving, outside)];
}

test("what a network shows and what stays inside needs no words", () => {
  expect(notes(X, ["image/png", 10])).toEqual([]);
  expect(notes(null, ["text/plain", 1e9])).toEqual([]);
});

test("what goes otherwise than it is says so: of another kind, too large, one too many", () => {
  const link = "Goes as a link over X.";
  expect(notes(X, ["text/plain", 1])).toEqual([[0, link]]);
  expect(notes(X, ["image/gif", 1])).toEqual([[0, link]]);
  const files = [
    ["image/png", 11],
    ["image/png", 10],
    ["image/png", 10],
  ] as [string, number][];
  expect(notes(X, ...files)).toEqual([
    [0, link],
    [2, link],
  ]);
  expect(notes(X, ["audio/mpeg", 1], ["video/mp4", 1])).toEqual([
    [0, "X leaves it out."],
    [1, "X takes no message with it."],
  ]);
});
