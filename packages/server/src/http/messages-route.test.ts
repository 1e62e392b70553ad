import { type Access, type BeforePublish, createPipeline } from "@anywire/core";
import { problemSchema, sentMessageSchema } from "@anywire/types";
import { beforeEach, describe, expect, test } from "vitest";
import { createTestApp, type TestApp } from "./create-test-app.fixture.ts";

const LOBBY = "/v1/channels/production.group.lobby/messages";
let server: TestApp;

beforeEach(async () => {
  server = await createTestApp();
});

async function problemOf(answer: Response): Promise<string> {
  const { status, code, detail, errors } = problemSchema.parse(await answer.json());
  expect(status).toBe(answer.status);
  return [`${status} ${code}`, detail, ...(errors ?? []).map(({ path }) => path)].join(" | ");
}

test("a message is stored as it was sent, by whom the token names, and found at the place the answer names", async () => {
  const answer = await server.send(LOBBY, { json: { text: "hi", meta: { mood: "good" } } });
  expect(answer.status).toBe(201);
  const { offset, id, epoch } = sentMessageSchema.parse(await answer.json());
  const { entries } = await server.log.read({ pattern: ">", limit: 10, order: "asc" });
  expect(entries).toMatchObject([
    { offset, id, kind: "message", channel: "production.group.lobby", sender: "account:bob" },
  ]);
  expect(JSON.parse(entries[0]?.dataJson ?? "")).toEqual({ text: "hi", meta: { mood: "good" } });
  expect(epoch).toBe(server.log.epoch);
});

test("the same id again is answered 200 with the place of the first, and stores nothing", async () => {
  const first = await server.send(LOBBY, { json: { id: "m1", text: "hi" } });
  const again = await server.send(LOBBY, { json: { id: "m1", text: "hi" } });
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(await again.json()).toEqual(await first.json());
  expect((await server.log.read({ pattern: ">", limit: 10, order: "asc" })).entries).toHaveLength(
    1,
  );
});

test("a message that was sent to another channel on its way is answered with its place there", async () => {
  const { log, presence } = server;
  const access = { assertMay: () => ({ visibleAfter: 0, role: null }) } as unknown as Access;
  const limits = { maxMessageBytes: 4096, maxDepth: 8 };
  const toHall: BeforePublish = (draft) => ({ ...draft, channel: "production.group.hall" });
  const pipeline = createPipeline({ access, log, presence, ...limits, beforePublish: [toHall] });
  const rerouting = await createTestApp({ pipeline });
  const answer = await rerouting.send(LOBBY, { json: { id: "m1", text: "hi" } });
  expect(answer.status).toBe(201);
  expect(await answer.json()).toMatchObject({ id: "m1", channel: "production.group.hall" });
});

describe("a message is refused", () => {
  test.each([
    ["says nothing", {}, /^400 bad_request .*a message needs text or parts/],
    ["has a number for text", { text: 7 }, /^400 bad_request .* text: .* \| text$/],
    ["has an id with a space", { text: "hi", id: "no spaces" }, /^400 bad_request .* \| id$/],
    ["has a member of its own", { text: "hi", colour: "red" }, /^400 bad_request .*colour/],
    ["has an image nowhere", { parts: [{ type: "image", url: "x" }] }, /^400 .* \| parts.0.url$/],
    ["is larger than a message", { text: "x".repeat(5000) }, /^413 too_large .*4096 bytes/],
    ["is larger than a body", { text: "x".repeat(9000) }, /^413 too_large .*8192 bytes/],
    ["is nested too deep", { text: "hi", meta: { a: [[[[[[[1]]]]]]] } }, /^413 .*8 levels/],
  ])("that %s", async (_, json, problem) => {
    expect(await problemOf(await server.send(LOBBY, { json }))).toMatch(problem);
  });

  test("on a channel that no publish pattern of the token covers", async () => {
    const token = await server.issue({ publish: ["production.group.other"] });
    const answer = await server.send(LOBBY, { json: { text: "hi" }, token });
    expect(await problemOf(answer)).toMatch(/^403 permission_denied/);
  });

  test("on a channel that is none", async () => {
    const answer = await server.send("/v1/channels/lobby/messages", { json: { text: "hi" } });
    expect(await problemOf(answer)).toMatch(/^404 unknown_channel/);
    const pattern = await server.send("/v1/channels/production.group.*/messages", {
      json: { text: "hi" },
    });
    expect(await problemOf(pattern)).toMatch(/^404 unknown_channel/);
  });

  test("once the log is closed, with an error that says to come back", async () => {
    await server.log.close();
    const answer = await server.send(LOBBY, { json: { text: "hi" } });
    expect(await problemOf(answer)).toMatch(/^503 unavailable/);
  });
});

test("whoever has no token is refused before the body is read", async () => {
  let wasRead = false;
  const body = new ReadableStream(
    {
      pull(controller) {
        wasRead = true;
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const headers = { "content-type": "application/json" };
  const answer = await server.send(LOBBY, { body, headers, token: null });
  expect(await problemOf(answer)).toMatch(/^401 unauthenticated/);
  expect(wasRead).toBe(false);
});

test("a hostile body gets no more than twenty field errors, each cut short", async () => {
  const meta = Object.fromEntries(Array.from({ length: 50 }, (_, i) => ["k".repeat(70) + i, 1]));
  const answer = await server.send(LOBBY, { json: { text: "hi", meta } });
  const { errors = [] } = problemSchema.parse(await answer.json());
  expect(errors).toHaveLength(20);
  const unknown = await server.send(LOBBY, { json: { text: "hi", ["k".repeat(4000)]: 1 } });
  expect((await unknown.text()).length).toBeLessThan(1000);
});
