import { createAccess, createPipeline, type Pipeline } from "@anywire/core";
import { AnywireError, createChannelTypeRegistry, type ErrorCode } from "@anywire/types";
import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, expect, test } from "vitest";
import type { ApiCase } from "./api-case.fixture.ts";
import { API_SCHEMAS } from "./api-schemas.ts";
import { createTestApp, type TestApp } from "./create-test-app.fixture.ts";
import { FUNCTION_CASES } from "./functions/function-cases.fixture.ts";
import { MODEL_ENDPOINTS } from "./model-endpoints.ts";
import type { OpenApiContent, OpenApiDocument, OpenApiOperation } from "./openapi-document.ts";

const CHANNEL = "/v1/channels/production.group.lobby";
const MESSAGES = `${CHANNEL}/messages`;
const ENTRIES = `${CHANNEL}/entries`;
const PRESENCE = `${CHANNEL}/presence`;
const NOWHERE = "/v1/channels/production.nonsense.lobby";
const HELLO = { id: "m1", text: "hi" };

let server: TestApp;
let document: OpenApiDocument;
let operations: OpenApiOperation[];

beforeAll(async () => {
  server = await createTestApp();
  document = await (await server.send("/openapi.json")).json();
  operations = Object.values(document.paths).flatMap((path) => Object.values(path));
});

/** Fails as a driver would, without one. */
async function appThatFails(code: ErrorCode): Promise<TestApp> {
  const fail = (): never => {
    throw new AnywireError(code, "for a test");
  };
  const access = { assertMay: fail, assertMaySubscribe: fail, assertMayStay: fail };
  const { pipeline } = await pipelineThatFails(fail);
  return createTestApp({ access, pipeline });
}

async function pipelineThatFails(fail: () => never): Promise<{ readonly pipeline: Pipeline }> {
  const { log, presence } = await createTestApp();
  const access = createAccess({
    channelTypes: createChannelTypeRegistry(),
    state: { get: fail },
    membershipOf: () => null,
  });
  const limits = { maxMessageBytes: 4096, maxDepth: 8, beforePublish: [fail] };
  return { pipeline: createPipeline({ access, log, presence, ...limits }) };
}

async function closedApp(): Promise<TestApp> {
  const app = await createTestApp();
  await app.log.close();
  await app.presence.close();
  return app;
}

/** How to get each documented answer: the test below fails when one is missing here, or comes without being documented. */
const CASES: Readonly<Record<string, Readonly<Record<number, ApiCase>>>> = {
  sendMessage: {
    201: { path: MESSAGES, request: { json: HELLO } },
    200: { path: MESSAGES, request: { json: HELLO } },
    400: { path: MESSAGES, request: { json: {} } },
    401: { path: MESSAGES, request: { json: HELLO, token: null } },
    403: { path: "/v1/channels/staging.group.lobby/messages", request: { json: HELLO } },
    404: { path: `${NOWHERE}/messages`, request: { json: HELLO } },
    413: { path: MESSAGES, request: { json: { text: "x".repeat(9000) } } },
    422: { app: () => appThatFails("function_aborted"), path: MESSAGES, request: { json: HELLO } },
    500: { app: () => appThatFails("function_failed"), path: MESSAGES, request: { json: HELLO } },
    503: { app: closedApp, path: MESSAGES, request: { json: HELLO } },
    507: { app: () => appThatFails("storage_full"), path: MESSAGES, request: { json: HELLO } },
  },
  listEntries: {
    200: { path: `${ENTRIES}?limit=1` },
    400: { path: `${ENTRIES}?limit=0` },
    401: { path: ENTRIES, request: { token: null } },
    403: { path: "/v1/channels/staging.%3E/entries" },
    404: { path: `${NOWHERE}/entries` },
    410: { path: `${ENTRIES}?epoch=another` },
    500: { app: () => appThatFails("storage_damaged"), path: ENTRIES },
    503: { app: closedApp, path: ENTRIES },
  },
  getPresence: {
    200: { path: PRESENCE },
    401: { path: PRESENCE, request: { token: null } },
    403: { path: "/v1/channels/staging.group.lobby/presence" },
    404: { path: `${NOWHERE}/presence` },
    503: { app: closedApp, path: PRESENCE },
  },
  ...FUNCTION_CASES,
  getHealth: { 200: { path: "/health" } },
  getReady: {
    200: { path: "/ready" },
    503: {
      app: () => createTestApp({ isReady: async () => ({ log: { ok: false, why: "locked" } }) }),
      path: "/ready",
    },
  },
  getMetrics: { 200: { path: "/metrics" } },
  getJwks: { 200: { path: "/.well-known/jwks.json" } },
};

/** Throws when the value is not what the content's schema says. */
function assertValid(content: OpenApiContent, value: unknown): void {
  for (const { schema } of Object.values(content)) {
    const name = schema.$ref?.split("/").at(-1) ?? "";
    if (schema.$ref === undefined) expect(value).toBeTypeOf("string");
    else API_SCHEMAS[name]?.parse(value);
  }
}

test("the OpenAPI document is one", async () => {
  const { valid, errors } = await new Validator().validate({ ...document });
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
});

test("what the document refers to is in it, and no two operations share a name", () => {
  const schemas = Object.keys(document.components.schemas);
  const refs = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g);
  for (const [, ref = ""] of refs) {
    expect(schemas.map((name) => `#/components/schemas/${name}`)).toContain(ref);
  }
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test("every example is valid", () => {
  for (const { requestBody, responses } of operations) {
    for (const content of [
      requestBody?.content ?? {},
      ...Object.values(responses).map((r) => r.content),
    ]) {
      for (const { example } of Object.values(content)) assertValid(content, example);
    }
  }
});

/** These have tests of their own, in `model-routes.test.ts`, `attachment-routes.test.ts` and `webhook-route.test.ts`. */
const ELSEWHERE = new Set([
  ...MODEL_ENDPOINTS.map(({ id }) => id),
  ...["uploadAttachment", "getAttachment", "getThumbnail"],
  ...["receiveWebhook", "challengeWebhook"],
]);

test("every documented answer has its case above, and no other", () => {
  const ofServer = operations.filter(({ operationId }) => !ELSEWHERE.has(operationId));
  const documented = ofServer.map(({ operationId, responses }) => [
    operationId,
    Object.keys(responses).filter((status) => status !== "default"),
  ]);
  const covered = Object.entries(CASES).map(([id, cases]) => [id, Object.keys(cases)]);
  expect(Object.fromEntries(covered)).toEqual(Object.fromEntries(documented));
});

describe("an answer is what the document says", () => {
  const rows = Object.entries(CASES).flatMap(([id, cases]) =>
    // 201 before 200: the second is the first again.
    Object.entries(cases)
      .sort(([a], [b]) => (b === "201" ? 1 : a === "201" ? -1 : 0))
      .map(([status, one]) => ({ id, status, one })),
  );

  test.each(rows)("$id $status", async ({ id, status, one }) => {
    const { send } = one.app === undefined ? server : await one.app();
    const answer = await send(one.path, one.request);
    expect(String(answer.status)).toBe(status);
    const responses = operations.find(({ operationId }) => operationId === id)?.responses;
    const content = responses?.[status]?.content ?? {};
    const [mediaType] = answer.headers.get("content-type")?.split(";") ?? [];
    expect(Object.keys(content)).toEqual([mediaType]);
    assertValid(content, mediaType === "text/plain" ? await answer.text() : await answer.json());
  });
});
