import { expect, test } from "vitest";
import type { RunReport } from "../run.ts";
import { BUSY, openPool, type TestRun, untilAtWork } from "./pool.fixture.ts";

function after(body: string): string {
  return `import { afterPublish } from "@anywire/functions";\nexport default afterPublish("*.sms.*", async (event, context) => {\n${body}\n});`;
}

function before(body: string): string {
  return after(body).replaceAll("afterPublish", "beforePublish");
}

function failureOf({ error, result }: RunReport): string | undefined {
  expect(result).toBeUndefined();
  return error?.failure;
}

test("an error leads to its line in the author's file, through what it called and what caused it", async () => {
  const { run } = await openPool({
    "a.ts": `import { fail } from "./lib/fail.ts";\n${after("interface Unused { x: string }\nfail(event.channel);")}`,
    "lib/fail.ts": `type Unused = {\n  x: string;\n};\n\nexport function fail(what: string): never {\n  const cause = new TypeError("below");\n  throw new Error("failed on " + what, { cause });\n}`,
  });
  const { error } = await run("a");
  expect(error).toEqual({
    failure: "threw",
    message: "failed on production.sms.1",
    stack: [
      "Error: failed on production.sms.1",
      "    at fail (lib/fail.ts:7:9)",
      "    at <anonymous> (a.ts:5:1)",
      "Caused by: TypeError: below",
      "    at fail (lib/fail.ts:6:17)",
      "    at <anonymous> (a.ts:5:1)",
    ].join("\n"),
  });
});

test("an error of a revision that was put up leads to the same line", async () => {
  const { run } = await openPool({ "a.ts": after(`throw new Error("x");`) }, { isLocal: false });
  expect((await run("a")).error?.stack).toBe("Error: x\n    at <anonymous> (a.ts:3:7)");
});

/** What an author may write, how it fails and what is said of it. */
const FAILING: readonly (readonly [body: string, failure: string, message: RegExp])[] = [
  [`throw "a string";`, "threw", /the string "a string", which is no Error/],
  ["throw undefined;", "threw", /threw nothing/],
  ["throw { get message() { throw 1; } };", "threw", /threw an object/],
  [`throw new Proxy(new Error("x"), { get() { throw 1; } });`, "threw", /threw an object/],
  [`const error = new Error("x"); error.stack = 7; throw error;`, "threw", /^x$/],
  [`throw new Error("x".repeat(1e6));`, "threw", /^x{2000}$/],
  ["return 7;", "bad_result", /the number 7/],
  ["return { type: 'ok', changed: () => {} };", "bad_result", /JSON/],
  ["const a = {}; a.a = a; return event.ok(a);", "bad_result", /JSON/],
  ["event.message = new Map();", "bad_result", /./],
  ["return event.ok({ text: 'x'.repeat(5_000_000) });", "bad_result", /characters of JSON/],
  ["process.exit(0);", "exited", /process\.exit is not there/],
  ["try { process.exit(0); } catch {} return event.ok();", "exited", /process\.exit is not there/],
  ["process.kill(process.pid);", "exited", /process\.kill is not there/],
  ["process.abort();", "exited", /process\.abort is not there/],
  ["process.chdir('/');", "threw", /not supported in workers/],
  ["new Array(1e9).fill(0);", "threw", /an array of a function may have/],
  ["Array.from({ length: 1e9 });", "threw", /an array of a function may have/],
  ["const f = () => f(); f();", "threw", /Maximum call stack/],
];

test("whatever a function throws, returns or calls fails its run in a defined way, and no other", async () => {
  const files = FAILING.map(([body], i) => [`bad${i}.ts`, before(body)] as const);
  const { run, pool } = await openPool({ ...Object.fromEntries(files), "good.ts": before("") });
  const reports = FAILING.map(([, failure, message], i) => ({
    failure,
    message,
    bad: run(`bad${i}`),
    good: run("good"),
  }));
  for (const [i, { failure, message, bad, good }] of reports.entries()) {
    const { error } = await bad;
    expect([FAILING[i]?.[0], error?.failure]).toEqual([FAILING[i]?.[0], failure]);
    expect(error?.message).toMatch(message);
    expect((await good).result).toEqual({ type: "ok" });
  }
  expect(pool.stats()).toMatchObject({ replaced: 0, running: 0 });
});

test("an endless loop ends at its deadline; runs before, beside and after it are done", async () => {
  const { run, pool } = await openPool({
    "loop.ts": before("if (event.message.text === 'loop') for (;;);"),
    "good.ts": before(""),
    "waits.ts": after("await new Promise((resolve) => setTimeout(resolve, 50));"),
    "busy.ts": BUSY,
  });
  await untilAtWork(run, "busy", 2);
  const ended: string[] = [];
  const noting = async (name: string, request?: TestRun) => {
    const report = await run(name, request);
    ended.push(name);
    return report;
  };
  const [waiting, first, loop, ...others] = await Promise.all([
    noting("waits"),
    noting("good"),
    noting("loop", { deadlineMs: 3_000, event: { message: { text: "loop" } } }),
    ...Array.from({ length: 20 }, () => noting("good")),
  ]);
  expect(failureOf(loop)).toBe("late");
  expect(ended.filter((name) => name !== "waits").at(-1)).toBe("loop");
  for (const other of [first, waiting, ...others]) expect(other.result).toEqual({ type: "ok" });
  // The worker is ended only then: whoever waits for the loop is not held up by that.
  expect((await run("loop", { event: { message: { text: "fine" } } })).result).toEqual({
    type: "ok",
  });
  expect((await run("good")).result).toEqual({ type: "ok" });
  expect(pool.stats().replaced).toBe(1);
});

test("a loop that begins after an await ends at its deadline, and runs that were at work beside it are run again", async () => {
  const { run, pool } = await openPool({
    "loop.ts": before("await new Promise((resolve) => setTimeout(resolve, 30)); for (;;);"),
    "waits.ts": after("await new Promise((resolve) => setTimeout(resolve, 100));"),
  });
  const [loop, waiting] = await Promise.all([run("loop", { deadlineMs: 300 }), run("waits")]);
  expect(failureOf(loop)).toBe("late");
  expect(waiting.result).toEqual({ type: "ok" });
  expect(pool.stats().replaced).toBe(1);
});

test("loops of one function never take all workers from the others", async () => {
  const { run } = await openPool(
    { "loop.ts": before("for (;;);"), "good.ts": before("") },
    { limits: { maxWorkers: 2 } },
  );
  const loops = Array.from({ length: 4 }, () => run("loop", { deadlineMs: 600 }));
  await Promise.race(loops);
  const again = [run("loop", { deadlineMs: 600 }), run("loop", { deadlineMs: 600 })];
  const good = await Promise.all(Array.from({ length: 20 }, () => run("good")));
  expect(good.filter(({ error }) => error !== undefined)).toEqual([]);
  for (const loop of await Promise.all([...loops, ...again])) expect(failureOf(loop)).toBe("late");
});

test.each([
  ["on the heap", "const all = []; for (;;) all.push(new Array(1000).fill({}));"],
  ["by one array", "const all = []; for (;;) all.push(1);"],
  ["by one map", "const all = new Map(); for (let i = 0; ; i += 1) all.set(i, {});"],
  ["by strings", "const all = []; for (;;) all.push('x'.padEnd(5_000_000).toUpperCase());"],
  ["by buffers", "const all = []; for (;;) all.push(Buffer.alloc(4_000_000, 1));"],
])("memory that is filled %s fails that run only", async (_, body) => {
  const { run, pool } = await openPool({
    "fill.ts": after(body),
    "waits.ts": after("await new Promise((resolve) => setTimeout(resolve, 50));"),
  });
  const [fill, waiting] = await Promise.all([run("fill"), run("waits")]);
  expect(failureOf(fill)).toBe("out_of_memory");
  expect(fill.error?.message).toBe(
    "it used more memory than a worker has, 64 MB (functions.memoryMb)",
  );
  expect(waiting.result).toEqual({ type: "ok" });
  expect(pool.stats().replaced).toBe(1);
});

test("of runs that were at work together when the memory was full, each is run again alone: the guilty one fails", async () => {
  const attempts: Record<string, number> = {};
  const { run, pool } = await openPool(
    {
      "fill.ts": after(`
        globalThis.isFilling = true;
        const isFirst = (await context.kv.get("fill")) === 1;
        while (isFirst && !globalThis.isWaiting) await new Promise((done) => setImmediate(done));
        const all = [];
        for (;;) all.push(await new Promise((done) => setImmediate(done, Buffer.alloc(4_000_000, 1))));`),
      "waits.ts": after(`
        globalThis.isWaiting = true;
        if ((await context.kv.get("waits")) === 1) await new Promise(() => {});
        context.log.info("beside the other one: " + (globalThis.isFilling ?? false));`),
    },
    {
      limits: { maxWorkers: 1 },
      calls: async (_, __, [key]) => {
        attempts[String(key)] = (attempts[String(key)] ?? 0) + 1;
        return { value: attempts[String(key)], revision: 1 };
      },
    },
  );
  const [fill, waiting] = await Promise.all([run("fill"), run("waits")]);
  expect(failureOf(fill)).toBe("out_of_memory");
  expect(waiting.result).toEqual({ type: "ok" });
  expect(waiting.lines.map(({ text }) => text)).toEqual(["beside the other one: false"]);
  expect(attempts).toEqual({ fill: 2, waits: 2 });
  expect(pool.stats().replaced).toBe(2);
});

test("a run that never settles is late, has its deadline signalled, and holds up nothing", async () => {
  const { run, pool, heard } = await openPool({
    "never.ts": after(
      `console.log("begun"); context.deadline.addEventListener("abort", () => console.log("cut off: " + context.deadline.reason.message)); await new Promise(() => {});`,
    ),
    "good.ts": after(""),
  });
  const cutOff = heard(/cut off: .*deadline has come/);
  const [never, good] = await Promise.all([run("never", { deadlineMs: 100 }), run("good")]);
  expect(never.error).toMatchObject({ failure: "late", message: /after 100 ms/ });
  expect(never.lines.map(({ text }) => text)).toEqual(["begun"]);
  expect(good.result).toEqual({ type: "ok" });
  expect(await cutOff).toContain("never, after its run was over");
  expect(pool.stats()).toMatchObject({ running: 0, replaced: 0 });
});

test("a worker that many runs never left is replaced", async () => {
  const { run, pool } = await openPool({
    "never.ts": after("await new Promise(() => {});"),
    "good.ts": after(""),
  });
  await Promise.all(Array.from({ length: 32 }, () => run("never", { deadlineMs: 50 })));
  expect((await run("good")).result).toEqual({ type: "ok" });
  await expect.poll(() => pool.stats().replaced, { timeout: 15_000 }).toBe(1);
});

test("what is thrown or rejected behind a run's back ends neither the worker nor other runs, and is told", async () => {
  const { run, pool, heard } = await openPool({
    "a.ts": after(`void Promise.reject(new Error("forgotten"));
      setTimeout(() => { throw new Error("thrown later"); }, 5);
      queueMicrotask(() => { throw new Error("thrown soon"); });
      await new Promise((resolve) => setTimeout(resolve, 50));`),
    "b.ts": after(`setTimeout(() => { throw new Error("after the end"); }, 5);`),
  });
  const told = heard(/after the end/);
  const [{ result, lines }] = await Promise.all([run("a"), run("b")]);
  expect(result).toEqual({ type: "ok" });
  expect(lines.map(({ level, text }) => `${level} ${text.split("\n")[0]}`).sort()).toEqual([
    "error a rejection that nobody handled: Error: forgotten",
    "error an uncaught error: Error: thrown later",
    "error an uncaught error: Error: thrown soon",
  ]);
  expect(await told).toContain(
    "b, after its run was over: an uncaught error: Error: after the end",
  );
  expect(pool.stats().replaced).toBe(0);
});

test("a worker that dies of itself fails the run that was alone there, and is replaced", async () => {
  const { run, pool } = await openPool({
    "gone.ts": after(`
      process.setUncaughtExceptionCaptureCallback(null);
      process.removeAllListeners("uncaughtException");
      setTimeout(() => { throw new Error("gone"); }, 1);
      await new Promise(() => {});`),
    "good.ts": after(""),
  });
  expect((await run("gone")).error).toMatchObject({
    failure: "crashed",
    message: "its worker died: gone",
  });
  expect((await run("good")).result).toEqual({ type: "ok" });
  expect(pool.stats().replaced).toBe(1);
});

test("a worker whose thread waits for another process is given up and made up for", async () => {
  const { run, pool } = await openPool({
    "waits.ts": `import { execSync } from "node:child_process";\n${after("execSync('sleep 2');")}`,
    "good.ts": before(""),
  });
  expect(failureOf(await run("waits", { deadlineMs: 300 }))).toBe("late");
  await expect.poll(() => pool.stats().replaced, { timeout: 15_000 }).toBe(1);
  expect((await run("good")).result).toEqual({ type: "ok" });
});
