import type { Log, Presence } from "@anywire/core";
import { createMemoryLog, createMemoryPresence } from "@anywire/engines/memory";
import type { Config } from "./config/config.ts";

/** A driver for every port. */
export interface Engine {
  readonly log: Log;
  readonly presence: Presence;
}

/** The bundle of drivers that the configuration names. Nothing is opened yet. */
export async function createEngine({ engine, log, data }: Config): Promise<Engine> {
  const presence = createMemoryPresence();
  if (engine === "memory") return { log: createMemoryLog(), presence };
  const { createSqliteLog } = await import("@anywire/engines/sqlite");
  const { synchronous, groupCommit } = log;
  return {
    log: createSqliteLog({ directory: data.directory, synchronous, groupCommit }),
    presence,
  };
}
