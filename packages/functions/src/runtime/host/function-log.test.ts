import type { Log } from "@anywire/core";
import { createMemoryLog } from "@anywire/engines/memory";
import { AnywireError } from "@anywire/types";
import { beforeEach, expect, test } from "vitest";
import { FunctionLog, type FunctionLogData } from "./function-log.ts";
import { createRedact } from "./redact.ts";

let log: Log;
let errors: AnywireError[];
let now: number;

beforeEach(async () => {
  log = createMemoryLog();
  await log.start();
  errors = [];
  now = 0;
});

function create(
  maxLinesPerMinute = 1_000,
  append = (draft: Parameters<Log["append"]>[0]) => log.append(draft),
): FunctionLog {
  return new FunctionLog({
    ...{ log: { append }, maxLinesPerMinute, now: () => now },
    redact: createRedact({ token: "s3cret" }),
    onError: (error) => errors.push(error),
  });
}

async function stored(): Promise<FunctionLogData[]> {
  const { entries } = await log.read({ pattern: ">", limit: 10_000, order: "asc" });
  return entries.map(({ dataJson }) => JSON.parse(dataJson) as FunctionLogData);
}

const ORIGIN = { platform: "production", function: "a", revision: "r" };
const line = (text: string) => ({ level: "info" as const, text, at: 1 });

test("a line is an entry of the platform, with all that is known of its run, and without secrets", async () => {
  const functionLog = create();
  const trace = { id: "e1", via: ["b"] };
  functionLog.add(
    { ...ORIGIN, run: "1", trace, channel: "production.group.room", attempt: 2 },
    {
      ...line("the s3cret"),
      fields: { key: "s3cret" },
      error: { failure: "threw", stack: "at s3cret" },
    },
  );
  await functionLog.flush();
  const { entries } = await log.read({ pattern: ">", limit: 10, order: "asc" });
  expect(entries).toMatchObject([
    { channel: "production.system.functions", kind: "log", sender: "function:a", trace },
  ]);
  expect(await stored()).toEqual([
    {
      ...{ function: "a", revision: "r", run: "1", trace, channel: "production.group.room" },
      ...{ attempt: 2, level: "info", text: "the ***", at: 1, fields: { key: "***" } },
      error: { failure: "threw", stack: "at ***" },
    },
  ]);
});

test("lines are stored in their order, however many there are at once", async () => {
  const functionLog = create();
  const texts = Array.from({ length: 600 }, (_, i) => `line ${i}`);
  for (const text of texts) functionLog.add(ORIGIN, line(text));
  await functionLog.flush();
  expect((await stored()).map(({ text }) => text)).toEqual(texts);
});

test("a text is as long as it may be", async () => {
  const functionLog = create();
  functionLog.add(ORIGIN, line("x".repeat(10_000)));
  await functionLog.flush();
  expect((await stored())[0]?.text).toBe(`${"x".repeat(8_192)}…`);
});

test("a function that logs too much is cut off for the minute, and how much was left out is said", async () => {
  const functionLog = create(2);
  for (let i = 0; i < 5; i += 1) functionLog.add(ORIGIN, line(`${i}`));
  functionLog.add({ ...ORIGIN, function: "b" }, line("other"));
  now = 60_000;
  functionLog.tellLeftOut();
  functionLog.add(ORIGIN, line("next minute"));
  await functionLog.flush();
  expect((await stored()).map(({ function: name, level, text }) => [name, level, text])).toEqual([
    ["a", "info", "0"],
    ["a", "info", "1"],
    ["b", "info", "other"],
    ["a", "warn", "3 more lines were left out: a function logs at most 2 in a minute"],
    ["a", "info", "next minute"],
  ]);
});

test("a log that is in trouble is told of once, and loses lines and nothing else", async () => {
  let isBroken = true;
  const functionLog = create(1_000, async (draft) => {
    if (isBroken) throw new AnywireError("storage_full", "full");
    return await log.append(draft);
  });
  for (let i = 0; i < 300; i += 1) functionLog.add(ORIGIN, line(`${i}`));
  await functionLog.flush();
  expect(errors.map(({ code }) => code)).toEqual(["storage_full"]);
  isBroken = false;
  functionLog.add(ORIGIN, line("again"));
  await functionLog.flush();
  expect((await stored()).map(({ text }) => text)).toEqual(["again"]);
});

test("while the log does not answer no more than a bounded number of lines is kept", async () => {
  const answer = Promise.withResolvers<void>();
  const functionLog = create(1_000_000, async (draft) => {
    await answer.promise;
    return await log.append(draft);
  });
  for (let i = 0; i < 10_500; i += 1) functionLog.add(ORIGIN, line(`${i}`));
  answer.resolve();
  await functionLog.flush();
  functionLog.tellLeftOut(true);
  await functionLog.flush();
  const { entries } = await log.read({ pattern: ">", limit: 10, order: "desc" });
  expect(JSON.parse(entries[0]?.dataJson ?? "")).toMatchObject({
    text: expect.stringContaining("500 more lines were left out"),
  });
});
