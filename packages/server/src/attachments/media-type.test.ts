import { expect, test } from "vitest";
import { isListed, isShownInPlace, isText, parseMediaType } from "./media-type.ts";

test.each([
  ["Image/JPEG", "image/jpeg"],
  ["text/plain; charset=utf-8", "text/plain"],
  ["text/plain;charset=utf-8", "text/plain"],
  ["application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"],
  ["image/svg+xml", "image/svg+xml"],
  ["application/x-zip-compressed", "application/zip"],
  ["Text/RTF", "application/rtf"],
])("%s is %s", (header, type) => {
  expect(parseMediaType(header)).toBe(type);
});

test.each([undefined, "", "image", "image/", "/jpeg", "*/*", "image/*", "image/jpeg x", "a/b/c"])(
  "%s says of no bytes what they are",
  (header) => {
    const refusal = { code: "unsupported_media_type" };
    expect(() => parseMediaType(header)).toThrow(expect.objectContaining(refusal));
  },
);

test("a header of any length is shown only in part", () => {
  expect(() => parseMediaType("x".repeat(5000))).toThrow(/^.{1,200}$/);
});

test("a list has what it names, what is of a group it names, and with */* everything", () => {
  const types = ["application/pdf", "image/*"];
  const listed = ["application/pdf", "image/png", "image/svg+xml"];
  const others = ["application/pdf2", "application/x", "imagex/png", "text/plain"];
  expect(listed.filter((type) => !isListed(types, type))).toEqual([]);
  expect(others.filter((type) => isListed(types, type))).toEqual([]);
  expect(others.filter((type) => !isListed(["*/*"], type))).toEqual([]);
  expect(isListed([], "text/plain")).toBe(false);
});

test("what could run in a page is never shown in place", () => {
  const shown = ["image/png", "image/jpeg", "text/plain", "video/mp4", "audio/ogg"];
  const downloads = ["image/svg+xml", "text/html", "text/xml", "application/pdf", "x/video/mp4"];
  expect(shown.filter((type) => !isShownInPlace(type))).toEqual([]);
  expect(downloads.filter(isShownInPlace)).toEqual([]);
});

test("text is what is made of characters, whatever its group", () => {
  const texts = ["text/csv", "application/json", "image/svg+xml", "application/ld+json"];
  const others = ["application/rtf", "application/pdf", "image/png", "application/xml2"];
  expect(texts.filter((type) => !isText(type))).toEqual([]);
  expect(others.filter(isText)).toEqual([]);
});
