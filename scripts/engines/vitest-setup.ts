import type { TestProject } from "vitest/node";
import { chooseEngines, type EngineChoice } from "./choose-engines.ts";
import { type RunningServer, startServer } from "./start-server.ts";
import type { EngineAddress } from "./with-engine.ts";

/** Starts one of each server that drivers need, for the whole run, and tells the tests where. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { memory, sqlite, nats, dynamodb } = chooseEngines();
  const started: RunningServer[] = [];
  const reach = async (choice: EngineChoice): Promise<EngineAddress> => {
    if (!("program" in choice)) return choice;
    const server = await startServer(choice.recipe, choice.program);
    started.push(server);
    return { url: server.url };
  };
  project.provide("engines", {
    memory: await reach(memory),
    sqlite: await reach(sqlite),
    nats: await reach(nats),
    dynamodb: await reach(dynamodb),
  });
  return async () => {
    await Promise.all(started.map((server) => server.stop()));
  };
}
