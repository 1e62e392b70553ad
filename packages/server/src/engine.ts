import { join } from "node:path";
import type { BlobStore, Log, Presence, StateStore } from "@anywire/core";
import {
  createMemoryBlobStore,
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
  readonly blobs: BlobStore;
}

/** The bundle of drivers that the configuration names. Nothing is opened yet. */
export async function createEngine({ engine, log, data }: Config): Promise<Engine> {
  const presence = createMemoryPresence();
  if (engine === "memory") {
    const backend = new MemoryLogBackend();
    const blobs = createMemoryBlobStore();
    return { log: createMemoryLog(backend), state: createMemoryState(backend), presence, blobs };
  }
  const { createSqliteEngine } = await import("@anywire/engines/sqlite");
  const { createDirectoryBlobStore } = await import("@anywire/engines/directory");
  const { synchronous, groupCommit } = log;
  const { directory } = data;
  const blobs = createDirectoryBlobStore({ directory: join(directory, "blobs") });
  return { ...createSqliteEngine({ directory, synchronous, groupCommit }), presence, blobs };
}

/** Opens every driver. @throws {AnywireError} what the drivers throw */
export async function startEngine({ log, state, presence, blobs }: Engine): Promise<void> {
  // First: where it finds something else than its data, nothing is to be touched.
  await log.start();
  await Promise.all([state.start(), blobs.start()]);
  await presence.start();
}

/** Lets go of every driver. */
export async function closeEngine({ log, state, presence, blobs }: Engine): Promise<void> {
  await blobs.close();
  await presence.close();
  await state.close();
  await log.close();
}
