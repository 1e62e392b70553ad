import { join } from "node:path";
import type { BlobStore, KeyValueStore, Log, NodePost, Presence, StateStore } from "@anywire/core";
import {
  createMemoryBlobStore,
  createMemoryKeyValue,
  createMemoryLog,
  createMemoryPresence,
  createMemoryState,
  MemoryLogBackend,
  MemoryPresenceBackend,
} from "@anywire/engines/memory";
import type { Config } from "./config/config.ts";

/** A driver for every port. */
export interface Engine {
  readonly log: Log;
  readonly presence: Presence;
  readonly state: StateStore;
  readonly blobs: BlobStore;
  readonly kv: KeyValueStore;
  /** Between the nodes; absent where there is only one. */
  readonly post?: NodePost;
}

/** The bundle of drivers that the configuration names. Nothing is opened yet. */
export async function createEngine(config: Config): Promise<Engine> {
  if (config.engine === "cluster") {
    const { createClusterEngine } = await import("./cluster-engine.ts");
    return createClusterEngine(config);
  }
  return config.engine === "memory" ? createMemoryEngine(config) : createEmbeddedEngine(config);
}

function createMemoryEngine({ presence: { graceMs } }: Config): Engine {
  const backend = new MemoryLogBackend();
  return {
    log: createMemoryLog(backend),
    state: createMemoryState(backend),
    presence: createMemoryPresence(new MemoryPresenceBackend(graceMs)),
    blobs: createMemoryBlobStore(),
    kv: createMemoryKeyValue(),
  };
}

async function createEmbeddedEngine({ log, data, presence }: Config): Promise<Engine> {
  const { createSqliteEngine, createSqliteKeyValue } = await import("@anywire/engines/sqlite");
  const { createDirectoryBlobStore } = await import("@anywire/engines/directory");
  const { directory } = data;
  const { synchronous, groupCommit } = log;
  return {
    ...createSqliteEngine({ directory, synchronous, groupCommit }),
    presence: createMemoryPresence(new MemoryPresenceBackend(presence.graceMs)),
    blobs: createDirectoryBlobStore({ directory: join(directory, "blobs") }),
    kv: createSqliteKeyValue({ directory }),
  };
}

/** Opens every driver. @throws {AnywireError} what the drivers throw */
export async function startEngine({
  log,
  state,
  presence,
  blobs,
  kv,
  post,
}: Engine): Promise<void> {
  // First: where it finds something else than its data, nothing is to be touched.
  await log.start();
  await Promise.all([state.start(), blobs.start(), kv.start(), post?.start()]);
  await presence.start();
}

/** Lets go of every driver. */
export async function closeEngine({
  log,
  state,
  presence,
  blobs,
  kv,
  post,
}: Engine): Promise<void> {
  await Promise.all([blobs.close(), kv.close(), post?.close()]);
  await presence.close();
  await state.close();
  await log.close();
}
