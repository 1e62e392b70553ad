import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { functionsDirectory } from "../bundle/functions-directory.fixture.ts";
import { BUSY, openPool, untilAtWork } from "./pool.fixture.ts";

function after(body: string): string {
  return `import { afterPublish } from "@anywire/functions";\nexport default afterPublish("*.sms.*", async (event) => {\n${body}\n});`;
}

/** A thread takes its time to start on a busy machine. */
const PATIENT = { timeout: 15_000 };

test("workers beyond the least number end when they have had nothing to do for a while", async () => {
  const { run, pool } = await openPool({ "busy.ts": BUSY }, { limits: { maxWorkers: 2 } });
  await untilAtWork(run, "busy", 2);
  const { now } = performance;
  vi.spyOn(performance, "now").mockImplementation(() => now.call(performance) + 31_000);
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  await expect.poll(() => pool.stats().workers, PATIENT).toBe(1);
  expect((await run("busy")).result).toEqual({ type: "ok" });
  expect(pool.stats().replaced).toBe(0);
});

test("as many workers as there have to be are there, also after one died", async () => {
  const { run, pool } = await openPool(
    { "loop.ts": after("for (;;);") },
    { limits: { minWorkers: 2, maxWorkers: 2 } },
  );
  await expect.poll(() => pool.stats().workers, PATIENT).toBe(2);
  await run("loop", { deadlineMs: 50 });
  await expect.poll(() => pool.stats(), PATIENT).toMatchObject({ workers: 2, replaced: 1 });
});

test("functions that cannot be loaded a second time fail what waits for them, and are tried again", async () => {
  const flag = join(functionsDirectory({ "x.txt": "" }), "flag");
  const { run, outside } = await openPool(
    {
      "once.ts": `import { existsSync, writeFileSync, rmSync } from "node:fs";
        if (existsSync("${flag}")) throw new Error("loaded before");
        writeFileSync("${flag}", "");
        ${after("for (;;);")}`,
    },
    { limits: { maxWorkers: 1 } },
  );
  expect(existsSync(flag)).toBe(true);
  expect((await run("once", { deadlineMs: 50 })).error?.failure).toBe("late");
  const { error } = await run("once", { deadlineMs: 60_000 });
  expect(error).toMatchObject({
    failure: "crashed",
    message: expect.stringMatching(/^no worker can be started/),
  });
  expect(outside).toContainEqual(
    expect.stringMatching(/^a worker could not be started: once\.ts:2:\d+: loaded before/),
  );
});

test("a range of addresses that is none is refused before any worker is started", async () => {
  const opening = openPool({ "busy.ts": BUSY }, { limits: { allowedAddresses: ["localhost"] } });
  await expect(opening).rejects.toThrow('"localhost" is no range of addresses');
});
