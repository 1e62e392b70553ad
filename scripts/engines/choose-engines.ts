import {
  ENGINE_SERVERS,
  ENGINES,
  type EngineName,
  type EngineServer,
  SERVER_NAMES,
  type ServerRecipe,
} from "./engine-servers.ts";
import { findProgram } from "./find-program.ts";

/** What is known of an engine before the tests: where it runs, the program to start, or why there is none. */
export type EngineChoice =
  | { readonly url: string }
  | { readonly program: string; readonly recipe: ServerRecipe }
  | { readonly missing: string };

/** What is known of each. */
export type EngineChoices = Readonly<Record<EngineName, EngineChoice>>;

/**
 * The engines to test on: those that `ENGINES` names, such as `memory,nats`, or else all that can be had
 * without installing anything. One that runs inside the process has an empty address.
 * @throws {Error} when `ENGINES` names one that is not known or can't be had; says what to do
 */
export function chooseEngines(environment: NodeJS.ProcessEnv = process.env): EngineChoices {
  const asked = (environment["ENGINES"] ?? "").split(",").filter((name) => name !== "");
  const unknown = asked.filter((name) => !ENGINES.some((known) => known === name));
  if (unknown.length > 0) {
    throw new Error(`ENGINES names ${unknown.join(", ")}; there are ${ENGINES.join(", ")}`);
  }
  const choose = (name: EngineName): EngineChoice => {
    if (asked.length === 0) return lookFor(name, environment);
    if (!asked.includes(name)) return { missing: "not in ENGINES" };
    const choice = lookFor(name, environment);
    if ("missing" in choice) throw new Error(`ENGINES names ${name}, but ${choice.missing}`);
    return choice;
  };
  return {
    memory: choose("memory"),
    sqlite: choose("sqlite"),
    nats: choose("nats"),
    dynamodb: choose("dynamodb"),
  };
}

function lookFor(name: EngineName, environment: NodeJS.ProcessEnv): EngineChoice {
  if (!isServer(name)) return { url: "" };
  const recipe = ENGINE_SERVERS[name];
  const url = environment[recipe.variable];
  if (url) return { url };
  const program = findProgram(recipe, environment);
  if (program !== undefined) return { program, recipe };
  return {
    missing: `there is no ${recipe.program}: npm run engines -- --install builds it, or ${recipe.variable} says where one runs`,
  };
}

function isServer(name: EngineName): name is EngineServer {
  return SERVER_NAMES.some((server) => server === name);
}
