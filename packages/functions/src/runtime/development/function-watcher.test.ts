import { mkdir, mkdtemp, open, realpath, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AnywireError } from "@anywire/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type BuildProblem, FunctionBuildError, type Revision } from "../bundle/revision.ts";
import { FunctionWatcher } from "./function-watcher.ts";

let root: string;
let directory: string;
let watcher: FunctionWatcher;
/** What happened, not looked at yet: names of functions with their first line, problems, `fixed`, errors. */
let events: string[];
let look: () => void;
/** What is done with a revision before it counts as taken over. */
let taking: (revision: Revision) => Promise<void>;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "anywire-watch-")));
  directory = join(root, "functions");
  events = [];
  look = () => {};
  taking = async () => {};
  watcher = new FunctionWatcher({
    directory,
    onRevision: async (revision) => {
      await taking(revision);
      happen(describe(revision));
    },
    onProblems: (problems) => happen(`problems ${places(problems)}`),
    onFixed: () => happen("fixed"),
    onError: ({ message }) => happen(`error ${message}`),
  });
});

afterEach(async () => {
  await watcher.close();
  await rm(root, { recursive: true });
});

function happen(event: string): void {
  events.push(event);
  look();
}

/** The text that each function exports: `greet=hello sms=hi`. */
function describe({ functions }: Revision): string {
  const texts = functions.map(({ name, code }) => `${name}=${/"(\w+)"/.exec(textOf(code))?.[1]}`);
  return `run ${texts.join(" ")}`.trim();
}

/** A bundle without what stands before and behind what its author wrote. */
function textOf(code: string): string {
  return code
    .split("\n")
    .filter((line) => !line.startsWith("import require"))
    .join("\n");
}

function places(problems: readonly BuildProblem[]): string {
  return problems.map(({ file, line }) => `${file}:${line}`).join(" ");
}

/** Resolves when that is the next thing that happens. */
async function next(event: string): Promise<void> {
  if (events.length === 0) await new Promise<void>((resolve) => (look = resolve));
  expect(events.shift()).toBe(event);
}

/** In one step, so that no build sees half of it. */
async function write(file: string, code: string): Promise<void> {
  const path = join(directory, file);
  const draft = join(root, "draft");
  await mkdir(dirname(path), { recursive: true });
  await writeFile(draft, code);
  await rename(draft, path);
}

function say(text: string): string {
  return `export default "${text}";\n`;
}

test("the files that are there at the start are handed over before it has resolved", async () => {
  await write("greet.ts", say("hello"));
  await write("sms.js", say("hi"));
  await watcher.start();
  expect(events).toEqual(["run greet=hello sms=hi"]);
});

test("a file that is saved, comes, is renamed or goes is handed over", async () => {
  await write("greet.ts", say("hello"));
  await watcher.start();
  await next("run greet=hello");
  await write("greet.ts", say("bye"));
  await next("run greet=bye");
  await write("sms.ts", say("hi"));
  await next("run greet=bye sms=hi");
  await rename(join(directory, "sms.ts"), join(directory, "text.ts"));
  await next("run greet=bye text=hi");
  await rm(join(directory, "greet.ts"));
  await next("run text=hi");
  await rm(join(directory, "text.ts"));
  await next("run");
});

test("a file that is written to where it is is handed over", async () => {
  await write("greet.ts", say("one"));
  await watcher.start();
  await next("run greet=one");
  const file = await open(join(directory, "greet.ts"), "r+");
  await file.write(say("two"), 0);
  await file.close();
  await next("run greet=two");
});

test("a file that breaks is told once, and so is that it is fixed", async () => {
  await write("greet.ts", say("hello"));
  await watcher.start();
  await next("run greet=hello");
  await write("greet.ts", "export default (;\n");
  await next("problems greet.ts:1");
  expect(watcher.problems).toHaveLength(1);
  // Nothing that a function is made of, so that there is nothing new to tell.
  await write("notes.md", "nothing");
  await write("greet.ts", "\nexport default (;\n");
  await next("problems greet.ts:2");
  await write("greet.ts", say("better"));
  await next("run greet=better");
  await next("fixed");
  expect(watcher.problems).toEqual([]);
});

test("files that are again as they were before they broke are fixed, and not handed over again", async () => {
  await write("greet.ts", say("hello"));
  await watcher.start();
  await next("run greet=hello");
  await write("greet.ts", "export default (;\n");
  await next("problems greet.ts:1");
  await write("greet.ts", say("hello"));
  await next("fixed");
});

test("files that are broken at the start are told, and run when they are fixed", async () => {
  await write("greet.ts", "export default (;\n");
  await watcher.start();
  await next("problems greet.ts:1");
  await write("greet.ts", say("hello"));
  await next("run greet=hello");
  await next("fixed");
});

test("files that cannot be loaded are told like those that cannot be built", async () => {
  await write("greet.ts", say("hello"));
  taking = async () => {
    throw new FunctionBuildError([{ file: "greet.ts", line: 7, column: 1, text: "throws" }]);
  };
  await watcher.start();
  await next("problems greet.ts:7");
  taking = async () => {};
  await write("greet.ts", say("better"));
  await next("run greet=better");
  await next("fixed");
});

test("what cannot be taken over for another reason is handed over again", async () => {
  await write("greet.ts", say("hello"));
  await watcher.start();
  await next("run greet=hello");
  let isAway = true;
  taking = async () => {
    if (!isAway) return;
    isAway = false;
    throw new AnywireError("unavailable", "away");
  };
  await write("greet.ts", say("bye"));
  await next("error away");
  await next("run greet=bye");
});

test("a save while another is taken over is not lost", async () => {
  await write("greet.ts", say("one"));
  await watcher.start();
  await next("run greet=one");
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  taking = async () => {
    started.resolve();
    await ended.promise;
  };
  await write("greet.ts", say("two"));
  await started.promise;
  await write("greet.ts", say("three"));
  ended.resolve();
  await next("run greet=two");
  await next("run greet=three");
});

test("a file that functions import is watched, in a folder, in a new one, and elsewhere", async () => {
  const imports = (from: string): string =>
    `import { text } from "${from}";\nexport default text;\n`;
  await write("lib/text.ts", 'export const text = "one";\n');
  await write("greet.ts", imports("./lib/text.ts"));
  await watcher.start();
  await next("run greet=one");
  await write("lib/text.ts", 'export const text = "two";\n');
  await next("run greet=two");
  await write("greet.ts", imports("./new/text.ts"));
  await next("problems greet.ts:1");
  await write("new/text.ts", 'export const text = "three";\n');
  await next("run greet=three");
  await next("fixed");
  await write("../shared/text.ts", 'export const text = "four";\n');
  await write("greet.ts", imports("../shared/text.ts"));
  await next("run greet=four");
  await write("../shared/text.ts", 'export const text = "five";\n');
  await next("run greet=five");
});

test("a file elsewhere that is broken from the start is watched until it is fixed", async () => {
  // What functions import is only known of those that can be built.
  await write("../shared/text.ts", "export const text = ;\n");
  await write("greet.ts", 'import { text } from "../shared/text.ts";\nexport default text;\n');
  await watcher.start();
  await next("problems ../shared/text.ts:1");
  await write("../shared/text.ts", 'export const text = "one";\n');
  await next("run greet=one");
  await next("fixed");
});

test("a file that is imported and missing is waited for", async () => {
  await mkdir(join(directory, "lib", "texts"), { recursive: true });
  await write("greet.ts", 'import "./lib/texts/hello.ts";\nexport default "hello";\n');
  await watcher.start();
  await next("problems greet.ts:1");
  await write("lib/texts/hello.ts", "export {};\n");
  await next("run greet=hello");
  await next("fixed");
});

test("a directory that is not there yet is waited for, and may go and come back", async () => {
  await watcher.start();
  await next("run");
  for (const text of ["one", "two"]) {
    await write("greet.ts", say(text));
    await next(`run greet=${text}`);
    await rm(directory, { recursive: true });
    await next("run");
  }
});

test("a directory several levels of which are missing is waited for", async () => {
  const deep = join(root, "apps", "chat", "functions");
  const deepWatcher = new FunctionWatcher({
    directory: deep,
    onRevision: async (revision) => happen(describe(revision)),
    onProblems: () => {},
    onFixed: () => {},
    onError: ({ message }) => happen(`error ${message}`),
  });
  try {
    await deepWatcher.start();
    await next("run");
    await mkdir(deep, { recursive: true });
    await writeFile(join(deep, "greet.ts"), say("hello"));
    await next("run greet=hello");
  } finally {
    await deepWatcher.close();
  }
});

test("after the end nothing is handed over", async () => {
  await write("greet.ts", say("hello"));
  await watcher.start();
  const ended = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  taking = async () => {
    started.resolve();
    await ended.promise;
  };
  await write("greet.ts", say("bye"));
  await started.promise;
  const closing = watcher.close();
  await write("greet.ts", "export default (;\n");
  ended.resolve();
  await closing;
  expect(events).toEqual(["run greet=hello", "run greet=bye"]);
});
