import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { parseArgs } from "node:util";
import { ENGINE_SERVERS, SERVER_NAMES } from "./engine-servers.ts";
import { findProgram } from "./find-program.ts";
import { installServers } from "./install-servers.ts";
import { startServer } from "./start-server.ts";

const COMPOSE = ["compose", "-f", "deploy/compose/engines.yaml"];

const { values } = parseArgs({ options: { install: { type: "boolean" } } });
try {
  await (values.install ? installServers() : runEngines());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Runs the servers until it is told to stop. */
async function runEngines(): Promise<void> {
  const stopped = untilStopped();
  const recipes = SERVER_NAMES.map((name) => ENGINE_SERVERS[name]);
  const found = recipes.flatMap((recipe) => {
    const program = findProgram(recipe);
    return program === undefined ? [] : [{ recipe, program }];
  });
  if (found.length === recipes.length) {
    const servers = await Promise.all(
      found.map(({ recipe, program }) => startServer(recipe, program, recipe.usualPort)),
    );
    tell(servers.map(({ url }) => url));
    await stopped;
    await Promise.all(servers.map((server) => server.stop()));
    return;
  }
  if (!hasDocker()) throw new Error(whatToInstall());
  tell(recipes.map(({ url, usualPort }) => url(usualPort)));
  const containers = spawn("docker", [...COMPOSE, "up"], { stdio: "inherit" });
  void stopped.then(() => containers.kill());
  await once(containers, "exit");
  spawnSync("docker", [...COMPOSE, "down", "--volumes"], { stdio: "inherit" });
}

function tell(urls: readonly string[]): void {
  console.log("Tests use these when they are told so; Ctrl-C stops them and deletes their data.\n");
  for (const [i, name] of SERVER_NAMES.entries()) {
    console.log(`export ${ENGINE_SERVERS[name].variable}=${urls[i]}`);
  }
}

function hasDocker(): boolean {
  return [[...COMPOSE, "config"], ["info"]].every(
    (args) => spawnSync("docker", args, { stdio: "ignore" }).status === 0,
  );
}

function whatToInstall(): string {
  const missing = SERVER_NAMES.map((name) => ENGINE_SERVERS[name])
    .filter((recipe) => findProgram(recipe) === undefined)
    .map(({ program, install }) => `  ${program}: ${install.command.join(" ")} (${install.needs})`);
  return [
    "Not on the PATH, and there is no Docker to run them in:",
    ...missing,
    "npm run engines -- --install does that for the tests alone.",
  ].join("\n");
}

async function untilStopped(): Promise<void> {
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
}
