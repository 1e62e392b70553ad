import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDynamodbState } from "@anywire/engines/dynamodb";
import { createMemoryLog, createMemoryState, MemoryLogBackend } from "@anywire/engines/memory";
import { createNatsChangeBus, createNatsLink, createNatsLog } from "@anywire/engines/nats";
import { createSqliteEngine } from "@anywire/engines/sqlite";
import { expect } from "vitest";
import type { Log } from "../ports/log.ts";
import type { StateStore } from "../ports/state-store.ts";
import { Projector } from "../state/projector.ts";
import { partialState } from "./partial-state.fixture.ts";

/** A log and the state that follows from it, started. */
export interface Engine {
  readonly log: Log;
  readonly state: StateStore;
  readonly close: () => Promise<void>;
}

/** On real servers: the same, some time after the log. */
export async function openCluster(nats: string, dynamodb: string): Promise<Engine> {
  const name = `inboxes-${crypto.randomUUID().slice(0, 8)}`;
  const link = createNatsLink({ servers: [nats], prefix: name });
  const engine = createDynamodbState({
    table: name,
    endpoint: dynamodb,
    region: "local",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    log: createNatsLog(link),
    bus: createNatsChangeBus(link),
  });
  const failures: unknown[] = [];
  const projector = new Projector({ ...engine, onError: (error) => failures.push(error) });
  const stop = new AbortController();
  await engine.log.start();
  await engine.state.start();
  const projecting = projector.run(stop.signal);
  return {
    ...engine,
    close: async () => {
      stop.abort();
      await projecting;
      await engine.state.close();
      await engine.log.close();
      expect(failures).toEqual([]);
    },
  };
}

async function started({ log, state }: Pick<Engine, "log" | "state">): Promise<Engine> {
  await log.start();
  await state.start();
  const close = async (): Promise<void> => {
    await state.close();
    await log.close();
  };
  return { log, state, close };
}

/** How to get an engine, and how many histories to try on it. */
export interface EngineSetup {
  readonly open: () => Promise<Engine>;
  readonly runs: number;
  readonly isLate?: true;
}

/** Engines that need no server, by name. */
export const ENGINES: Readonly<Record<string, EngineSetup>> = {
  memory: {
    runs: 2_000,
    open: async () => {
      const backend = new MemoryLogBackend();
      return started({ log: createMemoryLog(backend), state: createMemoryState(backend) });
    },
  },
  "a node of a cluster": {
    runs: 1_000,
    isLate: true,
    open: async () => {
      const backend = new MemoryLogBackend();
      const state = createMemoryState(backend);
      await state.start();
      return started({ log: createMemoryLog(backend), state: partialState(state) });
    },
  },
  sqlite: {
    runs: 1_000,
    open: async () => {
      const directory = await mkdtemp(join(tmpdir(), "anywire-inboxes-"));
      const engine = await started(createSqliteEngine({ directory, synchronous: "off" }));
      const close = async (): Promise<void> => {
        await engine.close();
        await rm(directory, { recursive: true });
      };
      return { ...engine, close };
    },
  },
};
