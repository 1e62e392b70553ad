import type { MessagePart } from "@anywire/types";
import { expect, test } from "vitest";
import { describePart, describeTypes } from "./describe-part.ts";

const url = "/v1/attachments/production.0000000000000000000000000000000000000000";

test("a part is told by what it is and what it is called", () => {
  const parts: MessagePart[] = [
    { type: "text", text: "hello" },
    { type: "image", url, name: "IMG_0001.jpg" },
    { type: "image", url, alt: "A cat" },
    { type: "file", url, name: "plan.pdf" },
    { type: "file", url },
    { type: "audio", url, name: "memo.mp3" },
    { type: "location", latitude: 52.5, longitude: 13.4 },
    { type: "location", latitude: 52.5, longitude: 13.4, label: "Office" },
    { type: "card", title: "Launch" },
  ];
  expect(parts.map(describePart)).toEqual([
    "hello",
    "Photo",
    "Photo: A cat",
    "File: plan.pdf",
    "File",
    "Audio: memo.mp3",
    "52.5, 13.4",
    "Office",
    "Launch",
  ]);
});

test("of parts whose types alone are known it is told how many there are of each", () => {
  expect(describeTypes(["image"])).toBe("Photo");
  expect(describeTypes(["image", "file", "image"])).toBe("2 photos, File");
  expect(describeTypes(["hologram"])).toBe("Attachment");
});
