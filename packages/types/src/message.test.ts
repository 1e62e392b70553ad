import fc from "fast-check";
import { expect, test } from "vitest";
import { messageSchema } from "./message.ts";

const isMessage = (value: unknown): boolean => messageSchema.safeParse(value).success;

test("a message is text, parts, or both", () => {
  expect(isMessage({ text: "hi" })).toBe(true);
  expect(isMessage({ parts: [{ type: "text", text: "hi" }] })).toBe(true);
  expect(isMessage({ text: "hi", parts: [{ type: "location", latitude: 1, longitude: 2 }] })).toBe(
    true,
  );
  for (const value of [{}, { meta: {} }, { text: "" }, { parts: [] }, null, "hi", [], 1]) {
    expect(isMessage(value)).toBe(false);
  }
});

test("a message that is taken in comes out as it went in", () => {
  const text = fc.string({ unit: "binary", minLength: 1 });
  const meta = fc.dictionary(fc.string({ minLength: 1, maxLength: 64 }), fc.jsonValue(), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(text, meta, (words, more) => {
      fc.pre(!Object.hasOwn(more, "__proto__"));
      const message = { text: words, meta: more, mentions: ["account:bob"], replyTo: "m-1" };
      expect(messageSchema.parse(message)).toEqual(message);
    }),
  );
});

test("data nested ten thousand deep is none of the schema's business and does not overflow it", () => {
  // `z.json()` went down by recursion: a frame of 20 kB made a RangeError, answered as `internal`.
  const deep = JSON.parse(`${"[".repeat(10_000)}${"]".repeat(10_000)}`);
  expect(isMessage({ text: "hi", meta: { deep } })).toBe(true);
});

test.each([
  ["a field nobody knows", { text: "hi", html: "<b>" }],
  ["a mention that is no address", { text: "hi", mentions: ["bob"] }],
  ["a reply to what can't be an id", { text: "hi", replyTo: "a b" }],
  ["a part of no known type", { parts: [{ type: "video", url: "https://a.example/b" }] }],
  ["more than 32 parts", { parts: Array(33).fill({ type: "text", text: "hi" }) }],
  ["a place off the globe", { parts: [{ type: "location", latitude: 91, longitude: 0 }] }],
  ["a size below zero", { parts: [{ type: "file", url: "https://a.example/b", sizeBytes: -1 }] }],
  ["a link that is no URL", { parts: [{ type: "file", url: "a.example" }] }],
  ["a key of meta over 64 characters", { text: "hi", meta: { ["k".repeat(65)]: 1 } }],
])("%s is refused", (_why, value) => {
  expect(isMessage(value)).toBe(false);
});

test("a link that runs as a script is refused wherever a message can carry one", () => {
  // `new URL` takes any scheme, so a page that renders the link would have run what a stranger wrote.
  for (const url of [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
  ]) {
    for (const type of ["image", "file", "audio"])
      expect(isMessage({ parts: [{ type, url }] })).toBe(false);
    expect(isMessage({ parts: [{ type: "card", title: "x", url }] })).toBe(false);
    expect(isMessage({ parts: [{ type: "card", title: "x", imageUrl: url }] })).toBe(false);
  }
  for (const url of ["https://a.example/b?c#d", "http://localhost:9000/x", "https://10.0.0.1/x"]) {
    expect(isMessage({ parts: [{ type: "file", url }] })).toBe(true);
  }
});

test("a link may be the address of an attachment, as the upload answers with it, and no other path", () => {
  const id = `production.${"0af1".repeat(10)}`;
  for (const url of [`/v1/attachments/${id}`, `/v1/attachments/${id}/thumbnail`]) {
    expect(isMessage({ parts: [{ type: "image", url }] })).toBe(true);
    expect(isMessage({ parts: [{ type: "card", title: "x", imageUrl: url }] })).toBe(true);
  }
  for (const url of [
    "/v1/me/snapshot",
    "/v1/attachments/",
    `//evil.example/v1/attachments/${id}`,
    `/v1/attachments/${id}/../../me`,
    `/v1/attachments/${id}?x`,
    `/v1/attachments/${id}\n`,
    `/v1/attachments/production/${id}`,
  ]) {
    expect(isMessage({ parts: [{ type: "file", url }] }), url).toBe(false);
  }
});
