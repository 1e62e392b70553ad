import type { Message, MessagePart } from "@anywire/types";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Capabilities, Level } from "../../contract/capabilities.ts";
import type { MediaSource } from "../../contract/send.ts";
import { render } from "./render.ts";

const PLAIN: Capabilities = {
  text: { maxLength: 1_000, formatting: "dropped" },
  receipts: { sent: true, delivered: false, read: false },
  canStart: true,
  idempotency: "none",
};

const level = fc.constantFrom<Level>("rejected", "dropped", "fallback", "partial", "full");
const medium = fc.record({
  level,
  maxBytes: fc.constantFrom(10, 1_000),
  needsPublicUrl: fc.boolean(),
});
const capabilities: fc.Arbitrary<Capabilities> = fc.record(
  {
    text: fc.record({ maxLength: fc.constantFrom(20, 2_000), formatting: level }),
    receipts: fc.constant(PLAIN.receipts),
    canStart: fc.constant(true),
    idempotency: fc.constant("none" as const),
    media: fc.record({ image: medium, audio: medium, file: medium, video: medium }),
    maxMedia: fc.integer({ min: 1, max: 3 }),
    location: level,
    card: level,
    template: level,
  },
  { requiredKeys: ["text", "receipts", "canStart", "idempotency"] },
);
const words = fc.string({ minLength: 1, maxLength: 30 });
const url = fc.constantFrom(
  "https://files.example/a",
  "/v1/attachments/p.1",
  "/v1/attachments/p.2",
);
const part = fc.oneof(
  fc.record({ type: fc.constant("text" as const), text: words }),
  fc.record({ type: fc.constantFrom("image", "audio", "file"), url, sizeBytes: fc.nat(2_000) }),
  fc.record({
    type: fc.constant("location" as const),
    latitude: fc.nat(90),
    longitude: fc.nat(90),
  }),
  fc.record({ type: fc.constant("card" as const), title: words, url: fc.constant("https://a.b") }),
  fc.record({
    type: fc.constant("template" as const),
    name: fc.constant("welcome"),
    language: fc.constant("en"),
    variables: fc.constant([]),
  }),
);
const message = fc
  .record(
    { text: words, parts: fc.array(part, { minLength: 1, maxLength: 6 }) },
    { requiredKeys: [] },
  )
  .filter(({ text, parts }) => text !== undefined || parts !== undefined) as fc.Arbitrary<Message>;

const source: MediaSource = {
  name: "a.png",
  mimeType: "image/png",
  sizeBytes: 5,
  url: "https://us.example/v1/attachments/p.1?signed",
  open: async () => new ReadableStream(),
};
const SOURCES = new Map([["/v1/attachments/p.1", source]]);

test("whatever is said, what comes out keeps to the network's bounds, or is refused; nothing goes missing untold", () => {
  fc.assert(
    fc.property(message, capabilities, (said, able) => {
      const rendered = render(said, able, SOURCES);
      expect(render(said, able, SOURCES)).toEqual(rendered);
      if ("error" in rendered) {
        expect(["too_large", "unsupported"]).toContain(rendered.error.class);
        expect(rendered.error.reason.length).toBeLessThanOrEqual(512);
        return;
      }
      const { content, warnings } = rendered;
      expect(content.text.length).toBeLessThanOrEqual(able.text.maxLength);
      expect(content.media.length).toBeLessThanOrEqual(able.maxMedia ?? 1);
      if (able.media === undefined) expect(content.media).toEqual([]);
      expect(content.text.startsWith(said.text ?? "")).toBe(true);
      const shown = [...content.media, content.location, content.card, content.template];
      const asIs = shown.filter((one) => one !== undefined).length;
      const more = (said.parts ?? []).filter(({ type }) => type !== "text").length;
      expect(warnings).toHaveLength(more - asIs);
    }),
    { numRuns: 500 },
  );
});

const bytes = { type: "image", url: "/v1/attachments/p.1" } as const;

test.each<[string, Message, Partial<Capabilities>, object]>([
  [
    "a picture becomes a link where there are none",
    { text: "look", parts: [bytes] },
    {},
    { text: `look\na.png: ${source.url}` },
  ],
  [
    "a picture stays one where there are some",
    { text: "look", parts: [bytes] },
    { media: { image: { level: "full", mimeTypes: ["image/*"] } } },
    { text: "look", media: [{ part: bytes, source }] },
  ],
  [
    "a place becomes a link",
    { parts: [{ type: "location", latitude: 1, longitude: 2, label: "Here" }] },
    {},
    { text: "Here: https://www.openstreetmap.org/?mlat=1&mlon=2" },
  ],
  [
    "a card becomes its words",
    { parts: [{ type: "card", title: "Title", text: "Text", url: "https://a.b" }] },
    {},
    { text: "Title\nText\nhttps://a.b" },
  ],
])("%s", (_, said, able, content) => {
  expect(render(said, { ...PLAIN, ...able }, SOURCES)).toMatchObject({ content });
});

test("a text that is too long is refused whole, never cut", () => {
  const rendered = render({ text: "x".repeat(1_001) }, PLAIN, SOURCES);
  expect(rendered).toMatchObject({ error: { class: "too_large" } });
});

test("a template without words is refused where there are none, with words only they are sent", () => {
  const template: MessagePart = { type: "template", name: "t", language: "en", variables: [] };
  expect(render({ parts: [template] }, PLAIN, SOURCES)).toMatchObject({
    error: { class: "unsupported" },
  });
  expect(render({ text: "hi", parts: [template] }, PLAIN, SOURCES)).toMatchObject({
    content: { text: "hi" },
    warnings: [expect.stringContaining("template t")],
  });
});
