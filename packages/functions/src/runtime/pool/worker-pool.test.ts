import { expect, test } from "vitest";
import { openPool } from "./pool.fixture.ts";

test("each trigger runs on its event and gives its result", async () => {
  const { run, pool } = await openPool({
    "publish.ts": `import { beforePublish } from "@anywire/functions";
      export default beforePublish("*.sms.*", (event) => { event.message.text += "!"; });`,
    "refuse.ts": `import { beforePublish } from "@anywire/functions";
      export default beforePublish("*.sms.*", (event) => event.abort("no"));`,
    "elsewhere.ts": `import { beforePublish } from "@anywire/functions";
      export default beforePublish("*.sms.*", (event) => event.reroute("production.sms.2"));`,
    "untouched.ts": `import { beforePublish } from "@anywire/functions";
      export default beforePublish("*.sms.*", async () => {});`,
    "signal.ts": `import { beforeSignal } from "@anywire/functions";
      export default beforeSignal("*.sms.*", (event) => event.ok({ said: event.kind }));`,
    "published.ts": `import { afterPublish } from "@anywire/functions";
      export default afterPublish("*.sms.*", (event, { log }) => log.info("offset " + event.offset));`,
    "signalled.ts": `import { afterSignal } from "@anywire/functions";
      export default afterSignal("*.sms.*", (event, { log }) => log.info(event.accountId));`,
    "present.ts": `import { afterPresence } from "@anywire/functions";
      export default afterPresence("*.sms.*", (event, { log }) => log.info(event.action));`,
    "request.ts": `import { onRequest } from "@anywire/functions";
      export default onRequest("POST /", async (event) => event.respond({ got: await event.text() }, { status: 201 }));`,
    "often.ts": `import { onInterval } from "@anywire/functions";
      export default onInterval("10m", (event, { log }) => log.info("at " + event.scheduledAt));`,
    "daily.ts": `import { onCron } from "@anywire/functions";
      export default onCron("0 9 * * *", (event, { log }) => log.info("at " + event.scheduledAt));`,
  });
  expect(pool.functions.map(({ name, trigger }) => [name, trigger])).toContainEqual([
    "daily",
    "onCron",
  ]);
  const ok = { type: "ok" };
  expect((await run("publish")).result).toEqual({ ...ok, changed: { text: "hello!" } });
  expect((await run("refuse")).result).toEqual({ type: "abort", reason: "no" });
  expect((await run("elsewhere")).result).toEqual({ type: "reroute", channel: "production.sms.2" });
  expect((await run("untouched")).result).toEqual(ok);
  expect((await run("signal")).result).toEqual({ ...ok, changed: { said: "typing" } });
  const logged = await Promise.all(
    ["published", "signalled", "present", "often", "daily"].map((name) => run(name)),
  );
  expect(logged.map(({ result, lines }) => [result, lines.map(({ text }) => text)])).toEqual(
    ["offset 1", "bob", "join", "at 1000", "at 1000"].map((text) => [ok, [text]]),
  );
  const { result } = await run("request");
  expect(result).toMatchObject({ type: "response", status: 201 });
  expect(result?.type === "response" && new TextDecoder().decode(result.body)).toBe(
    '{"got":"hello"}',
  );
});

test("a report tells how long the run waited and took, and what it logged by log and console", async () => {
  const { run } = await openPool(
    {
      "a.ts": `import { afterPublish } from "@anywire/functions";
      export default afterPublish("*.sms.*", async (event, { log }) => {
        log.info("said", { channel: event.channel, big: undefined });
        log.debug("fine"); log.warn("hm"); log.error("oh");
        console.log("a %s", "b", { c: [1] });
        console.error("bad");
        console.debug("detail");
        console.table([{ x: 1 }]);
        process.stdout.write("raw\\n");
        log.info("circle", (() => { const a = {}; a.a = a; return a; })());
        await new Promise((resolve) => setTimeout(resolve, 20));
      });`,
    },
    { limits: { maxLogLines: 20 } },
  );
  const { result, lines, durationMs, queuedMs } = await run("a");
  expect(result).toEqual({ type: "ok" });
  expect(durationMs).toBeGreaterThan(15);
  expect(queuedMs).toBeGreaterThanOrEqual(0);
  expect(lines.map(({ level, text }) => `${level} ${text.split("\n")[0]}`)).toEqual([
    "info said",
    "debug fine",
    "warn hm",
    "error oh",
    "info a b { c: [ 1 ] }",
    "error bad",
    "debug detail",
    expect.stringMatching(/^info ┌/),
    "info raw",
    "info circle",
  ]);
  expect(lines[0]?.fields).toEqual({ channel: "production.sms.1" });
  expect(lines.at(-1)?.fields).toEqual({ fields: "were no JSON and are left out" });
});

test("lines beyond the most are counted, and long ones are cut off", async () => {
  const { run } = await openPool({
    "a.ts": `import { afterPublish } from "@anywire/functions";
      export default afterPublish("*.sms.*", (event, { log }) => {
        log.info("x".repeat(1e6), { big: "x".repeat(1e6) });
        for (let i = 0; i < 1e5; i += 1) console.log(i);
      });`,
  });
  const { lines } = await run("a");
  expect(lines).toHaveLength(11);
  expect(lines[0]?.text).toHaveLength(8_192);
  expect(lines[0]?.fields).toEqual({ fields: "were too large and are left out" });
  expect(lines.at(-1)).toMatchObject({
    level: "warn",
    text: expect.stringMatching(/^99991 more lines left out/),
  });
});

test("runs that wait are bounded, and those beyond fail at once", async () => {
  const { run, pool } = await openPool(
    {
      "waits.ts": `import { afterPublish } from "@anywire/functions";
        export default afterPublish("*.sms.*", () => new Promise((resolve) => setTimeout(resolve, 100)));`,
    },
    { limits: { maxQueue: 5, maxConcurrentRuns: 2, maxWorkers: 1 } },
  );
  const runs = Array.from({ length: 8 }, () => run("waits"));
  expect(pool.stats()).toMatchObject({ queued: 5, running: 0 });
  const reports = await Promise.all(runs);
  expect(reports.map(({ error }) => error?.failure)).toEqual([
    ...Array.from({ length: 5 }, () => undefined),
    ...Array.from({ length: 3 }, () => "queue_full"),
  ]);
  expect(reports.at(-1)?.error?.message).toMatch(/5 runs may wait.*functions\.maxQueue/);
});

test("a run whose deadline counts from the call is late while it waits; one whose deadline counts from its beginning is not", async () => {
  const waits = `() => new Promise((resolve) => setTimeout(resolve, 300))`;
  const { run } = await openPool(
    {
      "before.ts": `import { beforePublish } from "@anywire/functions"; export default beforePublish("*.sms.*", ${waits});`,
      "after.ts": `import { afterPublish } from "@anywire/functions"; export default afterPublish("*.sms.*", ${waits});`,
    },
    { limits: { maxConcurrentRuns: 1, maxWorkers: 1 } },
  );
  const [first, held, begun, other] = await Promise.all([
    run("before", { deadlineMs: 5_000 }),
    run("before", { deadlineMs: 100 }),
    run("before", { deadlineMs: 450 }),
    run("after", { deadlineMs: 5_000 }),
  ]);
  expect(first.result).toEqual({ type: "ok" });
  expect(held.error).toMatchObject({
    failure: "late",
    message: expect.stringMatching(/not begun within 100 ms/),
  });
  expect(begun.error?.failure).toBe("late");
  expect(other.result).toEqual({ type: "ok" });
  expect(other.queuedMs).toBeGreaterThan(200);
});

test("a pool that closes lets its runs come to their end, takes no more, and leaves no thread behind", async () => {
  const { run, pool } = await openPool({
    "waits.ts": `import { afterPublish } from "@anywire/functions";
      export default afterPublish("*.sms.*", () => new Promise((resolve) => setTimeout(resolve, 100)));`,
    "never.ts": `import { afterPublish } from "@anywire/functions";
      export default afterPublish("*.sms.*", () => new Promise(() => {}));`,
  });
  const threads = () => process.getActiveResourcesInfo().filter((name) => name === "MessagePort");
  const before = threads().length;
  const under = [run("waits"), run("never", { deadlineMs: 50 })];
  const closed = pool.close();
  const late = run("waits");
  expect(pool.close()).toBe(closed);
  await closed;
  const [waiting, never] = await Promise.all(under);
  expect(waiting?.result).toEqual({ type: "ok" });
  expect(never?.error?.failure).toBe("late");
  expect((await late).error?.failure).toBe("stopped");
  expect(pool.stats()).toMatchObject({ workers: 0, queued: 0, running: 0 });
  expect(threads().length).toBeLessThan(before);
});

test("a pool that is stopped ends its runs at once, whatever they are at", async () => {
  const { run, pool } = await openPool({
    "loops.ts": `import { afterPublish } from "@anywire/functions"; export default afterPublish("*.sms.*", () => { for (;;); });`,
  });
  const runs = [run("loops"), run("loops")];
  const closed = pool.close();
  pool.stop();
  await closed;
  for (const { error } of await Promise.all(runs)) expect(error?.failure).toBe("stopped");
});

test("workers that are stuck or full have others started beside them, up to the most", async () => {
  const { run, pool } = await openPool(
    {
      "slow.ts": `import { afterPublish } from "@anywire/functions";
        export default afterPublish("*.sms.*", () => { const end = Date.now() + 100; while (Date.now() < end); });`,
    },
    { limits: { maxWorkers: 3 } },
  );
  expect(pool.stats().workers).toBe(1);
  while (pool.stats().workers < 3) {
    const reports = await Promise.all(Array.from({ length: 4 }, () => run("slow")));
    for (const { result } of reports) expect(result).toEqual({ type: "ok" });
  }
  expect(pool.stats().replaced).toBe(0);
});
