import { expect, test } from "vitest";
import { type BuildProblem, FunctionBuildError } from "../bundle/revision.ts";
import { openPool } from "./pool.fixture.ts";

const GOOD = `import { afterPublish } from "@anywire/functions"; export default afterPublish("*.sms.*", () => {});`;

async function problemsOf(files: Record<string, string>): Promise<readonly BuildProblem[]> {
  const error = await openPool(files).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(FunctionBuildError);
  return (error as FunctionBuildError).problems;
}

test("all functions that cannot be loaded are told at once, each with its place and what to do", async () => {
  const problems = await problemsOf({
    "good.ts": GOOD,
    "nothing.ts": "export const x = 1;",
    "number.ts": "export default 7;",
    "handler.js": "export default (request) => request.ok();",
    "trigger.ts": `import { beforeLunch } from "@anywire/functions";\nexport default beforeLunch("*.sms.*", () => {});`,
    "made.js": `export default { [Symbol.for("@anywire/functions/definition")]: true, trigger: "beforeLunch", binding: "*.sms.*", options: {}, run() {} };`,
    "made2.js": `export default { [Symbol.for("@anywire/functions/definition")]: true, trigger: "onInterval", binding: "often", options: {}, run() {} };`,
    "made3.js": `export default { [Symbol.for("@anywire/functions/definition")]: true, trigger: "afterPublish", binding: "*.sms.*", options: { maxAttempts: "all" }, run() {} };`,
    "pattern.ts": `import { beforePublish } from "@anywire/functions";\n\nexport default beforePublish("sms.**", () => {});`,
    "throws.ts": `interface Unused { x: string }\n\nthrow new Error("on purpose");`,
    "deep.ts": `import "./lib/deep.ts"; ${GOOD}`,
    "lib/deep.ts": `\n\n  null.x;`,
    "exits.ts": "process.exit(1);",
    "string.ts": `throw "a string";`,
    "missing.ts": `import "node:nonsense"; ${GOOD}`,
  });
  const told = problems.map(({ file, line, text }) => `${file}:${line} ${text}`);
  expect(told).toEqual([
    expect.stringMatching(/^lib\/deep\.ts:3 .*\(loaded by deep\.ts\)$/),
    expect.stringMatching(/^exits\.ts:1 process\.exit is not there for functions/),
    expect.stringMatching(/^handler\.js:null exports a function as default.*wrap it.*pubnub\.json/),
    expect.stringMatching(
      /^made\.js:null has the trigger the string "beforeLunch"; the triggers are beforePublish, /,
    ),
    // Of another version of the package, or by hand: nothing that was loaded after it ever ran.
    expect.stringMatching(/^made2\.js:null onInterval: the interval is the string "often"/),
    expect.stringMatching(/^made3\.js:null afterPublish: the option maxAttempts is /),
    expect.stringMatching(/^missing\.ts:.* No such built-in module: node:nonsense/),
    expect.stringMatching(/^nothing\.ts:null exports nothing as default/),
    expect.stringMatching(/^number\.ts:null exports the number 7 as default/),
    expect.stringMatching(/^pattern\.ts:3 .*pattern/),
    expect.stringMatching(/^string\.ts:null threw the string "a string", which is no Error/),
    expect.stringMatching(/^throws\.ts:3 on purpose$/),
    expect.stringMatching(/^trigger\.ts:.* does not provide an export named 'beforeLunch'/),
  ]);
});

test.each([
  ["loops", "for (;;);"],
  ["awaits what never comes", "await new Promise(() => {});"],
])("a file that %s while it is loaded is a problem after a while", async (_, code) => {
  const problems = await problemsOf({ "a.ts": GOOD, "b.ts": code, "c.ts": GOOD });
  expect(problems).toEqual([
    expect.objectContaining({
      file: "b.ts",
      text: expect.stringMatching(/not loaded within 5000 ms/),
    }),
  ]);
});

test("a file that fills the memory while it is loaded is a problem", async () => {
  const [problem] = await problemsOf({
    "a.ts": `const all = []; for (;;) all.push(new Array(1000).fill({}));`,
  });
  expect(problem).toMatchObject({ file: "a.ts" });
  expect(problem?.text).toMatch(/^used more memory than a worker has/);
});

test("require and import both work, of Node's modules and of packages, in ES modules and in CommonJS", async () => {
  const { run } = await openPool({
    "esm.ts": `import { afterPublish } from "@anywire/functions"; import { createHash } from "node:crypto"; import small from "small";
      const path = require("node:path");
      export default afterPublish("*.sms.*", (event, { log }) => {
        log.info([typeof createHash, small.name, path.basename("/a/b"), require("small").name, require("util").format("%d", 1)].join());
      });`,
    "common.cjs": `const { afterPublish } = require("@anywire/functions"); const { name } = require("small");
      module.exports = afterPublish("*.sms.*", (event, { log }) => log.info(name));`,
    "compiled.js": `Object.defineProperty(exports, "__esModule", { value: true });
      exports.default = require("@anywire/functions").afterPublish("*.sms.*", (event, { log }) => log.info("compiled"));`,
    "own.mjs": `import { createRequire } from "node:module"; import { afterPublish } from "@anywire/functions";
      const require = createRequire(import.meta.url);
      export default afterPublish("*.sms.*", (event, { log }) => log.info(require("node:path").basename("/a/own")));`,
    "node_modules/small/index.js": `exports.name = require("node:path").basename("/x/small");`,
  });
  const lines = await Promise.all(
    ["esm", "common", "compiled", "own"].map(async (name) => (await run(name)).lines),
  );
  expect(lines.flat().map(({ text }) => text)).toEqual([
    "function,small,b,small,1",
    "small",
    "compiled",
    "own",
  ]);
});

test("a handler written for PubNub runs as pubnub.json binds it, with its modules by require and import", async () => {
  const { run, calls } = await openPool(
    {
      "greet.js": `import kvstore, { get } from "kvstore";
        export default async (request) => {
          const base64 = require("codec/base64");
          request.message.text = base64.btoa(request.message.text) + (await kvstore.get("a")) + (await get("b"));
          return request.ok();
        };`,
      "pubnub.json": `{"greet.js": {"trigger": "beforePublish", "binding": "*.sms.*"}}`,
    },
    { calls: async () => ({ value: "!", revision: 1 }) },
  );
  const { result, error } = await run("greet");
  expect(error).toBeUndefined();
  expect(result).toEqual({ type: "ok", changed: { text: "aGVsbG8=!!" } });
  expect(calls.map(({ method, args }) => [method, args])).toEqual([
    ["kv.read", ["a"]],
    ["kv.read", ["b"]],
  ]);
});

test("a function finds nothing of the server's environment", async () => {
  const { run } = await openPool({
    "a.ts": `import { afterPublish } from "@anywire/functions"; import { workerData, parentPort } from "node:worker_threads";
      export default afterPublish("*.sms.*", (event, { log }) => {
        parentPort.postMessage({ over: "nonsense" });
        log.info(JSON.stringify([process.env, workerData]));
      });`,
  });
  expect((await run("a")).lines.map(({ text }) => text)).toEqual(["[{},{}]"]);
});
