import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import {
  type BuildFailure,
  type BuildOptions,
  build,
  type Message,
  type OutputFile,
} from "esbuild";
import { PUBNUB_MODULES } from "../../pubnub/pubnub-module-names.ts";
import { REQUIRE_MODULE } from "../worker/module-names.ts";
import { type FunctionFile, findFunctionFiles } from "./function-files.ts";
import { readPubNubBindings } from "./pubnub-bindings.ts";
import {
  type BuildProblem,
  FunctionBuildError,
  type FunctionCode,
  type Revision,
} from "./revision.ts";
import { revisionId } from "./revision-id.ts";

/** More code than this is a package that was not meant to be imported, bytes. */
const MAX_CODE_BYTES = 16 * 1024 * 1024;

/** How to build. */
export interface BuildRevisionOptions {
  /** Whether it will run where its files are: then breakpoints that are set in them hold. Default false. */
  readonly isLocal?: boolean;
  /**
   * Told of the files that the functions are made of, save those of packages: absolute paths. Of a function that can't be built
   * only those are known that are wrong, and `areAll` is false.
   */
  readonly onInputs?: (files: readonly string[], areAll: boolean) => void;
}

/**
 * Makes a revision of a directory: each `*.ts`, `*.mts`, `*.js`, `*.mjs`, `*.cjs` directly in it is a function, named by its file. Tests,
 * declarations, files whose names begin with `_` and files in folders are none, and can be imported. The same files make the
 * same revision wherever they are.
 * @throws {FunctionBuildError} all that is wrong, in all files.
 */
export async function buildRevision(
  directory: string,
  { isLocal = false, onInputs }: BuildRevisionOptions = {},
): Promise<Revision> {
  const root = await realpath(directory).catch(() => {
    const text = "there is no such directory";
    throw new FunctionBuildError([{ file: directory, line: null, column: null, text }]);
  });
  const found = await findFunctionFiles(root);
  const pubnub = await readPubNubBindings(
    root,
    found.files.map(({ file }) => file),
  );
  const isBound = ({ file }: FunctionFile) => pubnub.bindings.has(file);
  const builds = await Promise.all([
    bundle(
      root,
      found.files.filter((file) => !isBound(file)),
      [],
    ),
    bundle(root, found.files.filter(isBound), PUBNUB_MODULES),
  ]);
  const problems = [
    ...found.problems,
    ...pubnub.problems,
    ...builds.flatMap((built) => built.problems),
  ];
  onInputs?.([...new Set(builds.flatMap((built) => built.inputs))], problems.length === 0);
  if (problems.length > 0) throw new FunctionBuildError(problems);
  const codes = new Map(builds.flatMap((built) => [...built.codes]));
  const functions = found.files.map(({ name, file }): FunctionCode => {
    const binding = pubnub.bindings.get(file);
    return { name, file, code: codes.get(name) ?? "", ...(binding && { pubnub: binding }) };
  });
  const id = revisionId(functions);
  return { id, functions, ...(isLocal && { root: `${pathToFileURL(root).href}/` }) };
}

interface Bundled {
  /** By name of the function. */
  readonly codes: ReadonlyMap<string, string>;
  readonly inputs: readonly string[];
  readonly problems: readonly BuildProblem[];
}

/** Makes one module of each function. */
async function bundle(
  root: string,
  files: readonly FunctionFile[],
  modules: readonly string[],
): Promise<Bundled> {
  if (files.length === 0) return { codes: new Map(), inputs: [], problems: [] };
  try {
    const { outputFiles, metafile } = await build({
      ...BUNDLING,
      absWorkingDir: root,
      // Where its sources are: the source map has them relative to it, and is the same in any directory.
      outdir: root,
      entryPoints: Object.fromEntries(files.map(({ name, file }) => [name, resolve(root, file)])),
      external: ["@anywire/functions", "@anywire/functions/*", REQUIRE_MODULE, ...modules],
    });
    const codes = new Map<string, string>();
    const problems: BuildProblem[] = [];
    for (const { name, file } of files) {
      const output = outputFiles.find(({ path }) => path === resolve(root, `${name}.js`));
      if (output === undefined) continue;
      if (output.contents.length > MAX_CODE_BYTES) problems.push(tooLarge(file, output));
      codes.set(name, output.text);
    }
    return { codes, inputs: toInputs(root, Object.keys(metafile.inputs)), problems };
  } catch (thrown) {
    const { errors } = thrown as Partial<BuildFailure>;
    if (errors === undefined) throw thrown;
    const wrong = errors.flatMap(({ location }) => (location === null ? [] : [location.file]));
    return { codes: new Map(), inputs: toInputs(root, wrong), problems: errors.map(toProblem) };
  }
}

/** Files of an author, as absolute paths. */
function toInputs(root: string, files: readonly string[]): string[] {
  return files
    .filter((file) => !/^[(<]|(?:^|\/)node_modules\//.test(file))
    .map((file) => resolve(root, file));
}

const BUNDLING = {
  bundle: true,
  write: false,
  metafile: true,
  format: "esm",
  platform: "node",
  target: "node24",
  sourcemap: "inline",
  sourcesContent: true,
  charset: "utf8",
  logLevel: "silent",
  logLimit: 0,
  // An ES module has no `require`, and both authors and the packages they import use it.
  banner: { js: `import require from ${JSON.stringify(REQUIRE_MODULE)};` },
  // The environment of a worker is empty, and packages ask for this.
  define: { "process.env.NODE_ENV": '"production"' },
} as const satisfies BuildOptions;

function toProblem({ text, location }: Message): BuildProblem {
  const what = hintOf(text);
  if (location === null) return { file: ".", line: null, column: null, text: what };
  const { file, line, column } = location;
  return { file, line, column: column + 1, text: what };
}

function hintOf(text: string): string {
  const [, module = ""] = /^Could not resolve "(.*)"$/.exec(text) ?? [];
  if (!PUBNUB_MODULES.some((name) => name === module)) return text;
  return `${text}: it is a module of PubNub Functions; bind the file in pubnub.json, so that it can be imported here`;
}

function tooLarge(file: string, { contents }: OutputFile): BuildProblem {
  const megabytes = (bytes: number) => Math.ceil(bytes / 1024 / 1024);
  const text = `is ${megabytes(contents.length)} MB with all it imports; ${megabytes(MAX_CODE_BYTES)} MB may be`;
  return { file, line: null, column: null, text };
}
