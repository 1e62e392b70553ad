import { FunctionBuildError } from "@anywire/functions/runtime";
import { expect, test } from "vitest";
import { createTestApp, type TestRequest } from "../create-test-app.fixture.ts";
import { createRecordedFunctions, type RecordedFunctions } from "./served-functions.fixture.ts";

const REVISION = "a".repeat(26);

/** Asks as an operator; the answer's status and body. */
async function ask(functions: RecordedFunctions, path: string, request: TestRequest = {}) {
  const { send } = await createTestApp({ functions });
  const answer = await send(`/v1${path}`, { isOperator: true, ...request });
  return { status: answer.status, body: await answer.json() };
}

test("only a pattern that names system, on the platform anywire, lets one manage functions", async () => {
  const { send, issue } = await createTestApp();
  const status = async (platform: string, manage: string[]): Promise<number> => {
    const token = await issue({ accountId: "x", platform, manage });
    return (await send("/v1/functions", { token })).status;
  };
  expect(await status("anywire", ["anywire.system.*"])).toBe(200);
  expect(await status("anywire", ["*.system.deployments"])).toBe(200);
  for (const pattern of ["anywire.>", ">", "anywire.*.deployments", "anywire.system.other"]) {
    expect(await status("anywire", [pattern]), pattern).toBe(403);
  }
  expect(await status("production", ["anywire.system.*", "*.system.*"])).toBe(403);
});

test("a trial gets the event with its body as bytes, and discards effects unless it is told not to", async () => {
  const functions = createRecordedFunctions();
  await ask(functions, "/functions/sms-length/run", { json: { event: { body: "hi" } } });
  await ask(functions, "/functions/sms-length/run", { json: { effects: "live" } });
  expect(functions.calls).toEqual([
    [
      "trial",
      "sms-length",
      { effects: "discard", event: { body: new TextEncoder().encode("hi") } },
    ],
    ["trial", "sms-length", { effects: "live", event: {} }],
  ]);
});

test("what came of a trial is told in full, also what JSON can't hold", async () => {
  const circle: unknown[] = [];
  circle.push(circle);
  const trial = async () => ({
    result: {
      type: "response" as const,
      status: 201,
      headers: [["x-a", "b"] as const],
      body: new TextEncoder().encode("made"),
    },
    durationMs: 1.5,
    queuedMs: 0,
    lines: [{ level: "info" as const, text: "hi", fields: { count: 5n }, at: 7 }],
    effects: [{ method: "publishData" as const, args: ["production.group.x", circle] }],
  });
  const functions = createRecordedFunctions({ host: { trial } });
  const { body } = await ask(functions, "/functions/sms-length/run", { json: {} });
  expect(body).toEqual({
    result: { type: "response", status: 201, headers: [["x-a", "b"]], body: "made" },
    durationMs: 1.5,
    queuedMs: 0,
    lines: [{ level: "info", text: "hi", fields: { count: "5n" }, at: 7 }],
    effects: [
      { method: "publishData", args: ["production.group.x", "<ref *1> [ [Circular *1] ]"] },
    ],
  });
});

test("dead letters come in pages, each with its entry", async () => {
  const letter = (offset: number) => ({
    entry: {
      offset,
      previousOffset: 0,
      timetoken: "17835264000000000",
      at: 5,
      id: `e${offset}`,
      kind: "message" as const,
      channel: "production.sms.1",
      sender: "account:bob",
      dataJson: '{"text":"hi"}',
    },
    attempts: 8,
    error: "no network",
    at: 9,
  });
  const deadLetters = async (_name: string, after: number, limit: number) =>
    [3, 5, 8]
      .filter((offset) => offset > after)
      .slice(0, limit)
      .map(letter);
  const functions = createRecordedFunctions({ host: { deadLetters } });
  const first = await ask(functions, "/functions/sms-length/dead-letters?limit=2");
  expect(first.body.cursor).toBe("5");
  expect(first.body.deadLetters[0]).toEqual({
    entry: {
      offset: 3,
      id: "e3",
      kind: "message",
      channel: "production.sms.1",
      sender: "account:bob",
      at: 5,
      data: { text: "hi" },
    },
    attempts: 8,
    error: "no network",
    at: 9,
  });
  const second = await ask(functions, "/functions/sms-length/dead-letters?limit=2&after=5");
  expect(second.body).toMatchObject({ deadLetters: [{ entry: { offset: 8 } }] });
  expect(second.body).not.toHaveProperty("cursor");
});

test("a replay that another server must do is asked of it", async () => {
  const replay = async () => ({ replayed: 0, failed: 0, isElsewhere: true });
  const functions = createRecordedFunctions({ host: { replay } });
  const { body } = await ask(functions, "/functions/sms-length/replay", { json: { offset: 12 } });
  expect(body).toEqual({ replayed: 0, failed: 0, isElsewhere: true });
  expect(functions.calls).toEqual([["askReplay", "sms-length", "ops", 12]]);
  const edge = createRecordedFunctions({ runsAfter: false });
  expect((await ask(edge, "/functions/sms-length/replay", { json: {} })).body).toEqual(body);
  expect(edge.calls).toEqual([["askReplay", "sms-length", "ops", undefined]]);
  const here = createRecordedFunctions();
  await ask(here, "/functions/sms-length/replay", { json: {} });
  expect(here.calls).toEqual([["replay", "sms-length", undefined]]);
});

test("each decision is made in the name of whoever asked for it", async () => {
  const functions = createRecordedFunctions();
  for (const decision of [
    { action: "activate", revision: REVISION },
    { action: "rollback" },
    { action: "canary", revision: REVISION, percent: 10 },
    { action: "end-canary" },
    { action: "shadow", revision: REVISION },
    { action: "end-shadow" },
  ]) {
    expect((await ask(functions, "/deployment", { json: decision })).status).toBe(200);
  }
  await ask(functions, "/functions/sms-length/disable", { method: "POST" });
  await ask(functions, "/functions/sms-length/enable", { json: { fromNow: true } });
  expect(functions.calls).toEqual([
    ["activate", REVISION, "ops"],
    ["rollBack", "ops"],
    ["canary", { revision: REVISION, percent: 10 }, "ops"],
    ["canary", null, "ops"],
    ["shadow", REVISION, "ops"],
    ["shadow", null, "ops"],
    ["disable", "sms-length", "ops"],
    ["enable", "sms-length", "ops", { fromNow: true }],
  ]);
});

test("a revision is put up whole, with its note", async () => {
  const put: unknown[] = [];
  const functions = createRecordedFunctions({
    deployments: {
      async put(revision, by, note = "") {
        put.push([revision, by, note]);
        return { id: revision.id, functions: ["a"], at: 1, by, note };
      },
    },
  });
  const code = {
    name: "a",
    file: "a.js",
    code: "export default 1;",
    pubnub: {
      trigger: "beforePublish" as const,
      binding: "*.sms.*",
      options: { kinds: ["message"], deadlineMs: 500 },
    },
  };
  const revision = { id: REVISION, functions: [code, { ...code, name: "b" }] };
  const json = { ...revision, note: "why" };
  expect(await ask(functions, "/revisions", { json })).toMatchObject({ status: 201 });
  expect(put).toEqual([[revision, "ops", "why"]]);
});

test("code that can't be loaded is refused with the place of each problem", async () => {
  const activate = async (): Promise<never> => {
    throw new FunctionBuildError([
      { file: "a.ts", line: 3, column: 9, text: "x is not defined" },
      { file: "b.ts", line: null, column: null, text: "it exports no function" },
    ]);
  };
  const functions = createRecordedFunctions({ deployments: { activate } });
  const json = { action: "activate", revision: REVISION };
  const { status, body } = await ask(functions, "/deployment", { json });
  expect(status).toBe(400);
  expect(body.detail).toContain("a.ts:3:9: x is not defined\nb.ts: it exports no function");
  expect(body.errors).toEqual([
    { path: "a.ts:3:9", message: "x is not defined" },
    { path: "b.ts", message: "it exports no function" },
  ]);
});
