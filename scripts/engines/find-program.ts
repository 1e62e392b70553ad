import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import type { ServerRecipe } from "./engine-servers.ts";

/** Where this version of a server is built into: outside of the repository, so that all checkouts share it. */
export function cacheDirectoryOf(
  { program, version }: ServerRecipe,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const cache = environment["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  return join(cache, "anywire", "engines", `${program}-${version}`);
}

/** The server's program: from the PATH if it is new enough, else the one that was installed for the tests. */
export function findProgram(
  recipe: ServerRecipe,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const onPath = (environment["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, recipe.program))
    .find((path) => canRun(path) && recipe.accepts.test(versionOf(path)));
  return onPath ?? findInstalled(recipe, environment);
}

/** The program that was installed for the tests. */
export function findInstalled(
  recipe: ServerRecipe,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const path = join(cacheDirectoryOf(recipe, environment), "bin", recipe.program);
  return canRun(path) ? path : undefined;
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function versionOf(path: string): string {
  return spawnSync(path, ["--version"], { encoding: "utf8" }).stdout ?? "";
}
