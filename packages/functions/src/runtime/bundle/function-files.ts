import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BuildProblem } from "./revision.ts";

/** A file that is a function. */
export interface FunctionFile {
  readonly name: string;
  /** From the directory of the functions. */
  readonly file: string;
}

const ENDING = /\.(?:ts|mts|js|mjs|cjs)$/;
/** Tests, declarations, and files that others import, or that an editor keeps. */
const NO_FUNCTION = /\.test\.[a-z]+$|\.d\.m?ts$|^[_.]/;
const NAME = /^[A-Za-z0-9_-]{1,48}$/;

/** The files directly in a directory that are functions, in order of their names, and what is wrong with their names. */
export async function findFunctionFiles(directory: string): Promise<{
  readonly files: readonly FunctionFile[];
  readonly problems: readonly BuildProblem[];
}> {
  const files: FunctionFile[] = [];
  const problems: BuildProblem[] = [];
  for (const file of (await readdir(directory)).sort()) {
    if (!ENDING.test(file) || NO_FUNCTION.test(file)) continue;
    if (!(await isFile(join(directory, file)))) continue;
    const name = file.replace(ENDING, "");
    const twin = files.find((other) => other.name === name);
    if (!NAME.test(name)) problems.push(badName(file));
    else if (twin !== undefined) problems.push(sameName(file, twin.file));
    else files.push({ name, file });
  }
  return { files, problems };
}

/** Of a link: whether it leads to a file. One that was deleted meanwhile is none. */
async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}

function badName(file: string): BuildProblem {
  const text =
    "a function is named by its file: 1 to 48 letters, digits, _ and -; rename it, or put a file that is no function into a folder or begin its name with _";
  return { file, line: null, column: null, text };
}

function sameName(file: string, other: string): BuildProblem {
  return {
    file,
    line: null,
    column: null,
    text: `is the same function as ${other}; rename one of them`,
  };
}
