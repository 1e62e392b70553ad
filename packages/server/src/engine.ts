import type { Log, Presence, StateStore } from "@anywire/core";
import {
  createMemoryLog,
  createMemoryPresence,
  createMemoryState,
  MemoryLogBackend,
} from "@anywire/engines/memory";
import type { Config } from "./config/config.ts";

/** A driver for every port. */
export interface Engine {
  readonly log: Log;
  readonly presence: Presence;
  readonly state: StateStore;
}

/** The bundle of drivers that the configuration names. Nothing is opened yet. */
export async function createEngine({ engine, log, data }: Config): Promise<Engine> {
  const presence = createMemoryPresence();
  if (engine === "memory") {
    const backend = new MemoryLogBackend();
    return { log: createMemoryLog(backend), state: createMemoryState(backend), presence };
  }
  const { createSqliteEngine } = await import("@anywire/engines/sqlite");
  const { synchronous, groupCommit } = log;
  const { directory } = data;
  return { ...createSqliteEngine({ directory, synchronous, groupCommit }), presence };
}

/** Opens every driver. @throws {AnywireError} what the drivers throw */
export async function startEngine({ log, state, presence }: Engine): Promise<void> {
  await log.start();
  await state.start();
  await presence.start();
}

/** Lets go of every driver. */
export async function closeEngine({ log, state, presence }: Engine): Promise<void> {
  await presence.close();
  await state.close();
  await log.close();
}
