import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import ts from "typescript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { completeEvent } from "../packages/functions/src/author/complete-event.ts";
import { TRIGGERS } from "../packages/functions/src/author/trigger.ts";
import {
  buildRevision,
  createFunctionPool,
  type FunctionPool,
  type RunReport,
} from "../packages/functions/src/runtime/index.ts";
import { RUN_FAILURES } from "../packages/functions/src/runtime/run.ts";
import { configSchema } from "../packages/server/src/config/config.ts";

const GUIDE = readFileSync("docs/guides/functions.md", "utf8");
/** Blocks of code that name their file, by that name, and the code. */
const FILES = [...GUIDE.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gs)].map(
  ([, file = "", code = ""]) => [file, code] as const,
);
const FUNCTION_FILES = FILES.map(([file]) => file).filter((file) => file.startsWith("functions/"));
const NAMES = FILES.flatMap(([file]) => /^functions\/([\w-]+)\.ts$/.exec(file)?.[1] ?? []);

const directory = mkdtempSync(join(tmpdir(), "anywire-guide-"));
let pool: FunctionPool;

beforeAll(async () => {
  for (const [file, code] of FILES) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    writeFileSync(join(directory, file), code);
  }
  const modules = join(directory, "node_modules/@anywire");
  mkdirSync(modules, { recursive: true });
  symlinkSync(resolve("packages/functions"), join(modules, "functions"));
  symlinkSync(resolve("node_modules/@types"), join(directory, "node_modules/@types"));
  pool = await createFunctionPool({
    revision: await buildRevision(join(directory, "functions")),
    limits: { ...LIMITS, allowedAddresses: ["127.0.0.1"] },
    calls: async (_origin, method) => (method === "kv.read" ? kept : undefined),
    onWorkerError: (text) => expect.unreachable(text),
  });
});

afterAll(async () => {
  await pool.close();
  rmSync(directory, { recursive: true });
});

const LIMITS = {
  ...{ minWorkers: 1, maxWorkers: 1, memoryMb: 64, maxQueue: 100 },
  ...{ maxConcurrentRuns: 16, maxCalls: 100, maxLogLines: 100 },
};
const TWICE_COUNTED = ["kv.increment", "kv.increment"];
const TICKET = ["channels.open", "publish"];
/** What is under every key. */
let kept: { value: unknown; revision: number } | undefined;

/** Runs a function of the guide in a worker, its effects discarded. */
async function run(name: string, draft: object = {}): Promise<RunReport> {
  const found = pool.functions.find((one) => one.name === name);
  if (found === undefined) throw new Error(`the guide has no function ${name}`);
  const event = completeEvent(found, draft);
  const request = { name, event, platform: "production", trace: event.trace, key: name } as const;
  return await pool.run({ ...request, deadlineMs: 10_000, effects: "discard" });
}

test("every function of the guide can be loaded, and there is one for every trigger", () => {
  expect(pool.functions.map(({ name }) => name)).toEqual(NAMES.toSorted());
  const triggers = pool.functions.map(({ trigger }) => trigger);
  expect([...new Set(triggers)].sort()).toEqual([...TRIGGERS].sort());
});

test("the functions of the guide fit the types", { timeout: 120_000 }, () => {
  const program = ts.createProgram({
    rootNames: FUNCTION_FILES.map((file) => join(directory, file)),
    options: {
      target: ts.ScriptTarget.ES2023,
      lib: ["lib.es2023.d.ts"],
      types: ["node"],
      typeRoots: [join(directory, "node_modules/@types")],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      customConditions: ["@anywire/source"],
      allowImportingTsExtensions: true,
      strict: true,
      noImplicitReturns: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: true,
    },
  });
  const problems = ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => [
      file?.fileName,
      ts.flattenDiagnosticMessageText(messageText, " "),
    ]);
  expect(problems).toEqual([]);
});

test("the tests of the guide pass", async () => {
  const words = ["--conditions=@anywire/source", "--test", "--test-reporter=tap"];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: directory });
  expect(stdout).toMatch(/^# pass [1-9]/m);
});

test("what runs before decides as the guide says", async () => {
  const textOf = async (name: string, text: string) =>
    (await run(name, { message: { text } })).result;
  expect(await textOf("hello", "hello :wave:")).toEqual({
    type: "ok",
    changed: { text: "hello 👋" },
  });
  expect(await textOf("sms-length", " hi ")).toEqual({ type: "ok", changed: { text: "hi" } });
  expect(await textOf("sms-length", "x".repeat(1601))).toMatchObject({ type: "abort" });
  expect(await textOf("sms-length", "My invoice")).toMatchObject({
    type: "reroute",
    channel: "production.group.billing",
  });
  const signal = await run("no-bot-typing", { accountId: "bot" });
  expect(signal.result).toEqual({ type: "abort", reason: "bots do not type" });
});

test.each([
  ["last-typed", {}, ["kv.set"]],
  ["welcome", {}, ["publish"]],
  ["welcome", { action: "leave" }, []],
  ["daily-digest", {}, ["publish"]],
  ["count-messages", {}, ["kv.increment"]],
  ["count-messages", { message: { text: "hi", meta: { campaign: "may" } } }, TWICE_COUNTED],
  ["locations", { data: { lat: 1 } }, ["kv.set"]],
  ["echo", { channel: "production.group.echo" }, ["publish"]],
  ["echo", { channel: "production.group.echo", sender: "function:echo" }, []],
  ["open-ticket", { body: { subject: "It is broken", text: "Nothing works." } }, TICKET],
])("%s of %j changes what the guide says", async (name, draft, changes) => {
  const { error, effects } = await run(name, draft);
  expect(error).toBeUndefined();
  expect(effects.map(({ method }) => method)).toEqual(changes);
});

test("of two who take a chat, one gets it", async () => {
  kept = undefined;
  expect((await run("take-chat")).result).toMatchObject({ status: 200 });
  kept = { value: "ann", revision: 1 };
  const { result } = await run("take-chat");
  expect(result).toMatchObject({ status: 409 });
});

test("the function in the README is the first one of the guide", () => {
  const [, code = ""] =
    /```ts\n(import \{ beforePublish.*?)```/s.exec(readFileSync("README.md", "utf8")) ?? [];
  expect(["functions/hello.ts", code]).toEqual(FILES[0]);
});

test("the configuration of the guide is one", async () => {
  const { default: config } = await import(join(directory, "anywire.config.ts"));
  const { error } = configSchema.safeParse(config);
  // All there is to say: the file of the secret is on the reader's machine, not on this one.
  expect(error?.issues.map(({ path }) => path.join("."))).toEqual(["functions.secrets.CRM_KEY"]);
});

test("the limits of the guide are those of the configuration", () => {
  const { functions } = configSchema.parse({});
  const numbers = Object.entries(functions).filter((entry) => typeof entry[1] === "number");
  expect(numbers.length).toBeGreaterThan(10);
  const rows = GUIDE.split("\n").filter((line) => line.startsWith("| `functions."));
  for (const [name, value] of numbers) {
    const row = rows.find((line) => line.includes(`\`functions.${name}\``)) ?? "";
    expect(row, name).toContain((value as number).toLocaleString("en"));
  }
});

test("the guide tells of every way in which a run can fail", () => {
  for (const failure of RUN_FAILURES) expect(GUIDE).toContain(`| \`${failure}\` |`);
});
