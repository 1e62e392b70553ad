import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { AnywireError } from "@anywire/types";

const NAMES = ["ts", "mts", "js", "mjs", "json"].map((ending) => `anywire.config.${ending}`);

/** A configuration file and what it exports. */
export interface ConfigFile {
  readonly path: string;
  readonly content: object;
}

/**
 * Reads the configuration file: the one that is named, or `anywire.config.ts` (or .mts, .js, .mjs, .json)
 * of the directory. Undefined when none is named and there is none.
 * @throws {AnywireError} `bad_request` when it is missing, ambiguous, fails, or exports nothing.
 */
export async function readConfigFile(
  directory: string,
  named: string | undefined,
): Promise<ConfigFile | undefined> {
  const path = named === undefined ? findFile(directory) : resolve(directory, named);
  if (path === undefined) return undefined;
  if (!existsSync(path)) throw refusal(`there is no configuration file ${path}`);
  return { path, content: await readContent(path) };
}

function findFile(directory: string): string | undefined {
  const found = NAMES.map((name) => resolve(directory, name)).filter((path) => existsSync(path));
  if (found.length < 2) return found[0];
  throw refusal(`there is more than one configuration file, keep one: ${found.join(", ")}`);
}

async function readContent(path: string): Promise<object> {
  const content = path.endsWith(".json") ? await readJson(path) : await importDefault(path);
  if (typeof content === "object" && content !== null && !Array.isArray(content)) return content;
  throw refusal(`${path} must export an object: write \`export default { … }\``);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw refusal(`${path} can't be read as JSON: ${messageOf(error)}`, error);
  }
}

async function importDefault(path: string): Promise<unknown> {
  try {
    const module: { readonly default?: unknown } = await import(pathToFileURL(path).href);
    return module.default;
  } catch (error) {
    throw refusal(`${path} can't be loaded: ${messageOf(error)}`, error);
  }
}

function refusal(message: string, cause?: unknown): AnywireError {
  return new AnywireError("bad_request", message, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
