import { expect, expectTypeOf, test } from "vitest";
import {
  afterPublish,
  beforePublish,
  createTestContext,
  onInterval,
  onRequest,
  type ResponseResult,
  runFunction,
} from "../../index.ts";

const count = afterPublish("*.sms.*", async (event, { kv, log, publish, secrets, now, trace }) => {
  const runs = await kv.increment("runs");
  log.info(`run ${runs}`, { at: now(), from: trace.id });
  await publish(event.channel, `${event.message.text} ${await secrets.get("NAME")}`);
});

test("a run tells what the function did", async () => {
  const run = await runFunction(
    count,
    { message: "hello", id: "m-7" },
    { now: 5, secrets: { NAME: "Ann" }, kv: { runs: 3 } },
  );
  expect(run.result).toEqual({ type: "ok" });
  expect(run.response).toBeUndefined();
  expect(run.kv).toEqual({ runs: 4 });
  expect(run.logs).toEqual([
    { level: "info", text: "run 4", fields: { at: 5, from: "m-7" }, at: 5 },
  ]);
  expect(run.published).toMatchObject([
    { channel: "production.sms.1", message: { text: "hello Ann" } },
  ]);
});

test("runs in one context go on where the last one ended, each telling its own part", async () => {
  const context = createTestContext({ now: 1_000 });
  await runFunction(count, {}, { context });
  context.advance(500);
  const second = await runFunction(count, { id: "m-2" }, { context });
  expect(second.kv).toEqual({ runs: 2 });
  expect(second.logs).toMatchObject([{ text: "run 2", at: 1_500, fields: { from: "m-2" } }]);
  expect(second.published).toHaveLength(1);
  expect(context.published).toHaveLength(2);
  expect(second.context).toBe(context);
  context.setNow("2026-01-01T00:00:00Z");
  const interval = onInterval("1h", (event, { log }) => log.info(String(event.scheduledAt)));
  expect((await runFunction(interval, {}, { context })).logs[0]?.text).toBe("1767225600000");
});

test("the context is of the platform that the event is on", async () => {
  const tell = beforePublish("*.sms.*", (event, { platform, log }) => {
    log.info(`${event.platform} ${platform}`);
  });
  const told = async (...more: [object?, object?]) =>
    (await runFunction(tell, ...more)).logs[0]?.text;
  expect(await told()).toBe("production production");
  expect(await told({ channel: "a.sms.b" })).toBe("a a");
  expect(await told({}, { platform: "b" })).toBe("b b");
  expect(await told({}, { context: createTestContext({ platform: "c" }) })).toBe("c c");
  const mixed = runFunction(tell, { platform: "a" }, { context: createTestContext() });
  await expect(mixed).rejects.toThrow("the context is for production; give both the same");
  const pinned = onInterval("1h", (_event, { log, platform }) => log.info(platform), {
    platform: "d",
  });
  expect((await runFunction(pinned)).logs[0]?.text).toBe("d");
});

test("the answer of an HTTP function can be read like any other", async () => {
  const answer = onRequest("GET /x", (event) => event.respond());
  const { response, result } = await runFunction(answer);
  expectTypeOf(response).toEqualTypeOf<Response>();
  expectTypeOf(result).toEqualTypeOf<ResponseResult>();
  expect([response.status, await response.text()]).toEqual([204, ""]);
});

test("an event that the function would never be run for is refused", async () => {
  await expect(runFunction(count, { channel: "production.group.1" })).rejects.toMatchObject({
    code: "bad_request",
  });
});

test("a secret that there is not is undefined, whatever it is called", async () => {
  const { secrets } = createTestContext();
  expect(await secrets.get("toString")).toBeUndefined();
});

test("the deadline is the test's to let pass", async () => {
  const watch = beforePublish("*.sms.*", (event, { deadline }) => {
    if (deadline.aborted) return event.abort("late");
  });
  expect((await runFunction(watch)).result).toEqual({ type: "ok" });
  const late = await runFunction(watch, {}, { deadline: AbortSignal.abort() });
  expect(late.result).toEqual({ type: "abort", reason: "late" });
});
