import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { buildRevision } from "./build-revision.ts";
import { functionsDirectory } from "./functions-directory.fixture.ts";
import { type BuildProblem, FunctionBuildError } from "./revision.ts";

const GREET = `import { beforePublish } from "@anywire/functions";
export default beforePublish("*.sms.*", (event: unknown) => {});`;

async function problemsOf(files: Record<string, string>): Promise<readonly BuildProblem[]> {
  const error = await buildRevision(functionsDirectory(files)).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(FunctionBuildError);
  return (error as FunctionBuildError).problems;
}

function sourceMapOf(code: string): { sources: string[]; sourcesContent: string[] } {
  const [, base64 = ""] = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(code) ?? [];
  return JSON.parse(Buffer.from(base64, "base64").toString());
}

test("each file directly in the directory is a function, save tests, declarations and what begins with _ or a dot", async () => {
  const { functions } = await buildRevision(
    functionsDirectory({
      "a.ts": GREET,
      "b.mts": "export default 1",
      "c.js": "export default 1",
      "d.mjs": "export default 1",
      "e.cjs": "module.exports = 1",
      "a.test.ts": "nonsense (",
      "types.d.ts": "nonsense (",
      "_shared.ts": "nonsense (",
      ".#a.ts": "nonsense (",
      "readme.md": "nonsense (",
      "lib/f.ts": "nonsense (",
      "folder.ts/g.ts": "nonsense (",
    }),
  );
  expect(functions.map(({ name, file }) => [name, file])).toEqual([
    ["a", "a.ts"],
    ["b", "b.mts"],
    ["c", "c.js"],
    ["d", "d.mjs"],
    ["e", "e.cjs"],
  ]);
});

test("a directory without functions is a revision, too", async () => {
  expect((await buildRevision(functionsDirectory({}))).functions).toEqual([]);
});

test("a directory that is not there is a problem", async () => {
  const directory = join(functionsDirectory({}), "gone");
  await expect(buildRevision(directory)).rejects.toThrow(
    `${directory}: there is no such directory`,
  );
});

test("a function is one module: what it imports of its own and of packages is inside, @anywire/functions and Node are not", async () => {
  const { functions } = await buildRevision(
    functionsDirectory({
      "a.ts": `import { format } from "node:util"; import { join } from "path"; import { loud } from "./lib/loud.ts"; import small from "small";
        import { beforePublish } from "@anywire/functions"; import { fromPubNub } from "@anywire/functions/pubnub";
        export default [format, join, loud, small, beforePublish, fromPubNub];`,
      "lib/loud.ts": `export const loud: string = "IS LOUD";`,
      "node_modules/small/package.json": `{"main": "index.js"}`,
      "node_modules/small/index.js": `module.exports = "IS SMALL";`,
    }),
  );
  const [{ code } = { code: "" }] = functions;
  expect(code).toContain("IS LOUD");
  expect(code).toContain("IS SMALL");
  expect(
    [...code.matchAll(/^import .* from "(.*)";$/gm)].map(([, module]) => module).sort(),
  ).toEqual([
    "@anywire/functions",
    "@anywire/functions/pubnub",
    "anywire:require",
    "node:util",
    "path",
  ]);
});

test("the same files are the same revision in any directory, and others are another", async () => {
  const files = { "a.ts": `import "./lib/b.ts"; ${GREET}`, "lib/b.ts": "console.log(1);" };
  const [one, same, other] = await Promise.all(
    [files, files, { ...files, "lib/b.ts": "console.log(2);" }].map((each) =>
      buildRevision(functionsDirectory(each)),
    ),
  );
  expect(same).toEqual(one);
  expect(other?.id).not.toBe(one?.id);
});

test("the source map names files from the directory on, so that nothing is told of the machine", async () => {
  const directory = functionsDirectory({
    "a.ts": `import "./lib/b.ts"; ${GREET}`,
    "lib/b.ts": "console.log(1);",
  });
  const revision = await buildRevision(directory);
  const map = sourceMapOf(revision.functions[0]?.code ?? "");
  expect(map.sources.toSorted()).toEqual(["a.ts", "lib/b.ts"]);
  expect(map.sourcesContent).toContain("console.log(1);");
  expect(JSON.stringify(revision)).not.toContain(directory);
});

test("a revision that runs where its files are says where that is", async () => {
  const directory = functionsDirectory({ "a.ts": GREET });
  const { root, ...revision } = await buildRevision(directory, { isLocal: true });
  expect(root).toBe(`${pathToFileURL(directory).href}/`);
  expect(revision).toEqual(await buildRevision(directory));
});

test("the files that functions are made of are told, without those of packages", async () => {
  const directory = functionsDirectory({
    "f/a.ts": `import "../shared.ts"; import "small"; import "node:fs"; export default 1`,
    "f/b.ts": `import "../shared.ts"; export default 1`,
    "shared.ts": "console.log(1);",
    "node_modules/small/index.js": `console.log("small");`,
  });
  let told: readonly string[] = [];
  await buildRevision(join(directory, "f"), {
    onInputs: (files) => {
      told = files;
    },
  });
  expect(told.toSorted()).toEqual(
    ["f/a.ts", "f/b.ts", "shared.ts"].map((file) => join(directory, file)),
  );
});

test("all problems of all files are told, each with its place", async () => {
  const problems = await problemsOf({
    "a.ts": "export default {\n  x: 1;\n};",
    "b.js": `import "./missing.js";\nimport "nowhere";`,
    "c.ts": `import "./lib/broken.ts"; export default 1`,
    "lib/broken.ts": "\nconst = 1",
    "bad name.ts": "export default 1",
    [`${"x".repeat(49)}.ts`]: "export default 1",
    "twin.js": "export default 1",
    "twin.ts": "export default 1",
    "fine.ts": GREET,
    "pubnub.json": `{"none.js": {"trigger": "beforePublish", "binding": "*.sms.*"}}`,
  });
  expect(problems.map(({ file, line, column }) => [file, line, column]).sort()).toEqual(
    [
      ["a.ts", 2, 7],
      ["b.js", 1, 8],
      ["b.js", 2, 8],
      ["bad name.ts", null, null],
      ["lib/broken.ts", 2, 7],
      ["pubnub.json", null, null],
      ["twin.ts", null, null],
      [`${"x".repeat(49)}.ts`, null, null],
    ].sort(),
  );
});

test("a problem reads as its place and what is wrong", () => {
  const problem = { file: "a.ts", line: 2, column: 7, text: "is wrong" };
  expect(
    new FunctionBuildError([problem, { ...problem, column: null }, { ...problem, line: null }]),
  ).toHaveProperty("message", "a.ts:2:7: is wrong\na.ts:2: is wrong\na.ts: is wrong");
});

test("pubnub.json binds handlers that were written for PubNub, whose modules stay outside", async () => {
  const { functions } = await buildRevision(
    functionsDirectory({
      "greet.js": `import xhr from "xhr"; const kv = require("kvstore"); export default (request) => request.ok(kv, xhr, require("codec/base64"));`,
      "often.js": "export default (event) => event.ok();",
      "own.ts": GREET,
      "pubnub.json": JSON.stringify({
        "greet.js": { trigger: "beforePublish", binding: "*.sms.*" },
        "often.js": { trigger: "onInterval", binding: 60_000, options: { deadlineMs: 500 } },
      }),
    }),
  );
  expect(functions.map(({ name, pubnub }) => [name, pubnub])).toEqual([
    ["greet", { trigger: "beforePublish", binding: "*.sms.*" }],
    ["often", { trigger: "onInterval", binding: "60000", options: { deadlineMs: 500 } }],
    ["own", undefined],
  ]);
  expect(functions[0]?.code).toContain(`from "xhr"`);
});

test("a module of PubNub in a file that is not bound is a problem that says what to do", async () => {
  const [problem] = await problemsOf({ "greet.js": `const kv = require("kvstore");` });
  expect(problem?.text).toContain("bind the file in pubnub.json");
});

test.each([
  [`{"greet.js": {"trigger": "beforePublish",}}`, /is no JSON/],
  ["[]", /must be an object/],
  [
    `{"greet.js": {"trigger": "beforeLunch", "binding": "*.sms.*"}}`,
    /"greet.js" "trigger" must be one of beforePublish, /,
  ],
  [`{"greet.js": {"trigger": "beforePublish"}}`, /"greet.js" "binding" must be a text/],
  [
    `{"greet.js": {"trigger": "beforePublish", "binding": "*.sms.*", "more": 1}}`,
    /"greet.js" Unrecognized key: "more"/,
  ],
  [
    `{"greet.js": {"trigger": "beforePublish", "binding": "*.sms.*", "options": 500}}`,
    /"greet.js" "options" must be an object, such as /,
  ],
  [
    `{"greet.js": {"trigger": "beforePublish", "binding": "*.sms.*", "options": {"deadlineMs": "1s"}}}`,
    /"greet.js" "options" beforePublish: the option deadlineMs is the string "1s"; it must be a whole number/,
  ],
  [
    `{"greet.js": {"trigger": "beforePublish", "binding": "*.sms.*", "options": {"maxAttempts": 3}}}`,
    /"greet.js" "options" beforePublish: maxAttempts is an option of afterPublish/,
  ],
])("a pubnub.json of %s is a problem", async (text, expected) => {
  const problems = await problemsOf({ "greet.js": "export default 1", "pubnub.json": text });
  expect(problems.map((each) => each.file)).toEqual(["pubnub.json"]);
  expect(problems[0]?.text).toMatch(expected);
});

test("a pubnub.json that is no JSON tells the place", async () => {
  const [problem] = await problemsOf({ "pubnub.json": `{\n  "a": oops\n}` });
  expect(problem).toMatchObject({ line: 2, column: 8 });
});
