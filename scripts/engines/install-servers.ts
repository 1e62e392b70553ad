import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { ENGINE_SERVERS, SERVER_NAMES, type ServerRecipe } from "./engine-servers.ts";
import { cacheDirectoryOf, findInstalled } from "./find-program.ts";

/**
 * Builds each server that the cache lacks, one after the other.
 * @throws {Error} when a build fails or what it needs is not there; the builder's output has gone to ours
 */
export async function installServers(): Promise<void> {
  for (const name of SERVER_NAMES) {
    const recipe = ENGINE_SERVERS[name];
    if (findInstalled(recipe) === undefined) await install(recipe);
    console.log(`${name}: ${findInstalled(recipe)}`);
  }
}

async function install(recipe: ServerRecipe): Promise<void> {
  const { program, version, install } = recipe;
  const target = cacheDirectoryOf(recipe);
  await mkdir(dirname(target), { recursive: true });
  // Built beside its place and moved there whole: whoever finds a program finds one that runs.
  const directory = await mkdtemp(`${target}-`);
  try {
    console.log(`${program} ${version}: ${install.command.join(" ")}`);
    await run(install.command, install.environment(directory), install.needs);
    await rename(directory, target).catch((error: unknown) => {
      if (!existsSync(target)) throw error;
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function run(
  [program, ...args]: ServerRecipe["install"]["command"],
  environment: Record<string, string>,
  needs: string,
): Promise<void> {
  const child = spawn(program, args, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = await once(child, "exit").catch((cause: unknown) => {
    throw new Error(`${program} can't be run: install ${needs}`, { cause });
  });
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} failed; it needs ${needs}`);
}
