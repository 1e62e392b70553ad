import type { TestProject } from "vitest/node";
import { chooseEngines } from "./choose-engines.ts";
import { ENGINE_SERVERS, type EngineServer, SERVER_NAMES } from "./engine-servers.ts";
import { type RunningServer, startServer } from "./start-server.ts";
import type { EngineAddress } from "./with-engine.ts";

/** Starts one of each server that drivers need, for the whole run, and tells the tests where. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const choices = chooseEngines();
  const started: RunningServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
  };
  const reach = async (name: EngineServer): Promise<EngineAddress> => {
    const choice = choices[name];
    if (!("program" in choice)) return choice;
    const server = await startServer(ENGINE_SERVERS[name], choice.program);
    started.push(server);
    return { url: server.url };
  };
  const engines = { ...choices };
  for (const name of SERVER_NAMES) engines[name] = await reach(name);
  project.provide("engines", engines);
  return stop;
}
