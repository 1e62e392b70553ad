import { ERRORS, problemSchema } from "@anywire/types";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import {
  createTestApp,
  streamOf,
  type TestApp,
  type TestRequest,
} from "./create-test-app.fixture.ts";

let server: TestApp;

beforeAll(async () => {
  server = await createTestApp({ devTokens: async () => "token" });
});

/** Whatever is asked, the answer is good or says what was wrong, and the server is never to blame. */
async function assertAnswered(path: string, request: TestRequest): Promise<void> {
  const answer = await server.send(path, request);
  const text = await answer.text();
  if (answer.status < 400) return;
  expect(answer.status).toBeLessThan(500);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  if (request.method === "HEAD") return;
  const { code, status, detail } = problemSchema.parse(JSON.parse(text));
  expect([answer.status, status]).toEqual([ERRORS[code].http, ERRORS[code].http]);
  expect(detail.length).toBeGreaterThan(10);
  expect(text.length).toBeLessThan(10_000);
}

const method = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("GET", "POST", "HEAD", "OPTIONS") },
  fc.constantFrom("PUT", "DELETE", "PATCH", "QUERY", "BREW", "__proto__", "constructor"),
);
const oddText = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "",
    ".",
    "..",
    "*",
    ">",
    "%",
    "%zz",
    "%00",
    "%ff",
    "__proto__",
    "constructor",
    "a\0b",
  ),
);
const channel = fc.oneof(
  fc.constantFrom(
    "production.group.lobby",
    "production.>",
    "production.*.*",
    "staging.group.x",
    "production.notification.bob",
  ),
  fc.array(oddText, { maxLength: 4 }).map((parts) => parts.join(".")),
);
const path = fc.oneof(
  fc
    .tuple(channel, fc.constantFrom("messages", "entries", "presence", ""))
    .map(([name, resource]) => `/v1/channels/${encodeText(name)}/${resource}`),
  fc.constantFrom("/", "/health", "/ready", "/metrics", "/docs", "/openapi.json", "/dev/token"),
  fc.constantFrom("/functions/echo", "/functions/x", "/v1/functions", "/v1/deployment"),
  fc.array(oddText, { maxLength: 5 }).map((parts) => `/${parts.map(encodeText).join("/")}`),
);
const query = fc.dictionary(
  fc.oneof(fc.constantFrom("after", "before", "limit", "order", "epoch", "__proto__"), fc.string()),
  fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.double().map(String),
    fc.constantFrom("1e400", "0x10", "desc"),
  ),
  { maxKeys: 4 },
);
const headerText = fc.string({ unit: "grapheme-ascii", maxLength: 60 }).map((text) => text.trim());
const headers = fc.dictionary(
  fc.constantFrom(
    "authorization",
    "content-type",
    "origin",
    "x-request-id",
    "if-none-match",
    "accept",
    "cookie",
    "range",
    "transfer-encoding",
    "expect",
  ),
  fc.oneof(
    headerText,
    headerText.map((text) => `Bearer ${text}`),
    fc.constant("application/json"),
  ),
  { maxKeys: 4 },
);

/** Leaves some of it as it is, since not every client encodes what it should. */
function encodeText(text: string): string {
  return text.startsWith("%")
    ? text.replace(/[?#]/g, "")
    : new URLSearchParams({ text }).toString().slice(5);
}

test("any request gets an answer that says what was wrong with it", async () => {
  const request = fc.record({ method, path, query, headers, isKnown: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      request,
      async ({ method: verb, path: where, query: asked, headers: more, isKnown }) => {
        const address = `${where}?${new URLSearchParams(asked)}`;
        await assertAnswered(address, {
          method: verb,
          headers: more,
          ...(isKnown ? {} : { token: null }),
        });
      },
    ),
    { numRuns: 500 },
  );
});

const part = fc.oneof(
  fc.record(
    {
      type: fc.constantFrom("text", "image", "file", "location", "card", "nonsense"),
      text: fc.jsonValue(),
      url: fc.oneof(fc.webUrl(), fc.string()),
      latitude: fc.double(),
    },
    { requiredKeys: [] },
  ),
  fc.jsonValue(),
);
const message = fc.record(
  {
    id: fc.oneof(fc.uuid(), fc.jsonValue()),
    text: fc.oneof(fc.string(), fc.jsonValue()),
    parts: fc.oneof(fc.array(part, { maxLength: 4 }), fc.jsonValue()),
    replyTo: fc.oneof(fc.uuid(), fc.jsonValue()),
    mentions: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
    meta: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
    colour: fc.jsonValue(),
  },
  { requiredKeys: [] },
);
const nested = fc
  .tuple(
    fc.constantFrom("[", '{"a":', '{"text":"x","meta":{"a":[', '{"__proto__":'),
    fc.integer({ min: 1, max: 4000 }),
  )
  .map(([opening, depth]) => opening.repeat(depth));
const body = fc.oneof(
  { weight: 4, arbitrary: message.map((value) => JSON.stringify(value)) },
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.string(),
  fc.uint8Array({ maxLength: 10_000 }),
  nested,
  fc
    .integer({ min: 1, max: 3000 })
    .map((depth) => `{"text":"x","meta":{"a":${"[".repeat(depth)}${"]".repeat(depth)}}}`),
  fc.constantFrom(
    '{"text":"a","__proto__":{"text":"b"}}',
    '{"text":"a","meta":{"__proto__":1}}',
    '{"text":"\\ud800"}',
    "null",
    '{"text":1e999}',
  ),
);

test("any body gets an answer that says what was wrong with it, whole or in chunks", async () => {
  await fc.assert(
    fc.asyncProperty(
      body,
      fc.boolean(),
      fc.constantFrom("/v1/channels/production.group.lobby/messages", "/dev/token"),
      async (content, isChunked, where) => {
        const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
        const chunks = [bytes.slice(0, 100), bytes.slice(100)].filter(({ length }) => length > 0);
        await assertAnswered(where, {
          method: "POST",
          headers: { "content-type": "application/json", origin: "http://localhost" },
          body: isChunked ? streamOf(...chunks) : bytes,
        });
      },
    ),
    { numRuns: 500 },
  );
});

test("what was accepted is read back the same", async () => {
  const { send } = await createTestApp();
  await fc.assert(
    fc.asyncProperty(message, async (value) => {
      const sent = await send("/v1/channels/production.group.lobby/messages", { json: value });
      if (sent.status !== 201) return;
      const { offset } = await sent.json();
      const read = await send(
        `/v1/channels/production.group.lobby/entries?after=${offset - 1}&limit=1`,
      );
      const { id: _, ...data } = JSON.parse(JSON.stringify(value));
      expect((await read.json()).entries[0].data).toEqual(data);
    }),
    { numRuns: 300 },
  );
});
