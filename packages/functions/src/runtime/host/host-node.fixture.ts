import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createAccess,
  createOperations,
  createPipeline,
  type KeyValueStore,
  type Log,
  type LogEntry,
  type Operations,
  type Pipeline,
  type Presence,
  type Principal,
  type StateStore,
} from "@anywire/core";
import {
  createMemoryKeyValue,
  createMemoryLog,
  createMemoryPresence,
  createMemoryState,
  MemoryKeyValueBackend,
  MemoryLogBackend,
  MemoryPresenceBackend,
} from "@anywire/engines/memory";
import { createSqliteEngine, createSqliteKeyValue } from "@anywire/engines/sqlite";
import { type AnywireError, createChannelTypeRegistry } from "@anywire/types";
import { expect, vi } from "vitest";
import type { CreateFunctionPool } from "../pool/function-pool.ts";
import { createFunctionHost } from "./create-function-host.ts";
import type { FinishedRun, FunctionHost, HostLimits } from "./function-host.ts";
import type { FunctionLogData } from "./function-log.ts";

/** The stores of one node. */
interface Stores {
  readonly log: Log;
  readonly state: StateStore;
  readonly kv: KeyValueStore;
  readonly presence: Presence;
}

/** What the nodes of one test share. */
export interface HostBackend {
  createStores(): Stores;
  dispose(): Promise<void>;
}

/** Backends that nodes can share, by the names of their engines. */
export const HOST_BACKENDS = {
  memory: async (): Promise<HostBackend> => {
    const log = new MemoryLogBackend();
    const kv = new MemoryKeyValueBackend();
    const presence = new MemoryPresenceBackend();
    return {
      createStores: () => ({
        log: createMemoryLog(log),
        state: createMemoryState(log),
        kv: createMemoryKeyValue(kv),
        presence: createMemoryPresence(presence),
      }),
      dispose: async () => {},
    };
  },
  sqlite: async (): Promise<HostBackend> => {
    const directory = await mkdtemp(join(tmpdir(), "anywire-function-host-"));
    const presence = new MemoryPresenceBackend();
    return {
      createStores: () => ({
        ...createSqliteEngine({ directory, synchronous: "off" }),
        kv: createSqliteKeyValue({ directory, synchronous: "off" }),
        presence: createMemoryPresence(presence),
      }),
      dispose: () => rm(directory, { recursive: true }),
    };
  },
};

/** How a node is to be. */
export interface HostNodeOptions {
  readonly createPool: CreateFunctionPool;
  readonly limits?: Partial<HostLimits>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Default true. */
  readonly runsAfter?: boolean;
}

/** Limits of a host, small enough for a test. */
const LIMITS: HostLimits = {
  pool: {
    minWorkers: 1,
    maxWorkers: 2,
    memoryMb: 64,
    maxQueue: 1_000,
    maxConcurrentRuns: 64,
    maxCalls: 100,
    maxLogLines: 100,
    allowedAddresses: [],
  },
  deadlines: { beforeMs: 5_000, afterMs: 5_000, requestMs: 5_000, scheduleMs: 5_000 },
  maxHops: 16,
  maxKeys: 1_000,
  maxLogLinesPerMinute: 1_000,
  maxResponseBytes: 1_024,
};

/** A node: a host of functions, and the model around it. */
export class HostNode {
  readonly host: FunctionHost;
  readonly pipeline: Pipeline;
  readonly operations: Operations;
  readonly stores: Stores;
  readonly errors: AnywireError[] = [];
  readonly runs: FinishedRun[] = [];

  constructor(backend: HostBackend, options: HostNodeOptions) {
    this.stores = backend.createStores();
    const { log, state, kv, presence } = this.stores;
    this.host = createFunctionHost({
      log,
      kv,
      presence,
      limits: { ...LIMITS, ...options.limits },
      secrets: options.secrets ?? {},
      defaultPlatform: "production",
      createPool: options.createPool,
      runsAfter: options.runsAfter ?? true,
      onError: (error) => this.errors.push(error),
      onRun: (run) => this.runs.push(run),
    });
    const channelTypes = createChannelTypeRegistry();
    const access = createAccess({ channelTypes, state, membershipOf: () => undefined });
    const { beforePublish, beforeSignal, afterSignal } = this.host;
    this.pipeline = createPipeline({
      ...{ access, log, presence, afterSignal, maxMessageBytes: 16_384, maxDepth: 16 },
      beforePublish: [beforePublish],
      beforeSignal: [beforeSignal],
    });
    this.operations = createOperations({
      ...{ access, pipeline: this.pipeline, log, state, presence, channelTypes },
      accountPresences: { of: async () => [] },
      maxParticipants: 10,
    });
    this.host.bind({ pipeline: this.pipeline, operations: this.operations });
  }

  async start(): Promise<void> {
    const { log, state, kv, presence } = this.stores;
    await log.start();
    await Promise.all([state.start(), kv.start(), presence.start()]);
    await this.host.start();
  }

  async close(): Promise<void> {
    const { log, state, kv, presence } = this.stores;
    await this.host.close();
    await Promise.all([state.close(), kv.close(), presence.close()]);
    await log.close();
  }

  /** Publishes as bob, who may. */
  async say(channel: string, text: string, id?: string): Promise<LogEntry> {
    const { entry } = await this.pipeline.publish(BOB, {
      ...{ channel, kind: "message", data: { text } },
      ...(id === undefined ? {} : { id }),
    });
    return entry;
  }

  /** The texts on a channel, oldest first. */
  async texts(channel: string): Promise<string[]> {
    const { entries } = await this.stores.log.read({ pattern: channel, limit: 1000, order: "asc" });
    return entries.map(({ dataJson }) => (JSON.parse(dataJson) as { text: string }).text);
  }

  /** What functions logged, once there are so many lines of it. */
  async logged(count: number, platform = "production"): Promise<FunctionLogData[]> {
    const pattern = `${platform}.system.functions`;
    return await eventually(async () => {
      const { entries } = await this.stores.log.read({ pattern, limit: 1000, order: "asc" });
      expect(entries.length).toBeGreaterThanOrEqual(count);
      return entries.map(({ dataJson }) => JSON.parse(dataJson) as FunctionLogData);
    });
  }
}

/** An account that may do everything on the platform. */
export const BOB: Principal = {
  accountId: "bob",
  platform: "production",
  patterns: { subscribe: ["production.>"], publish: ["production.>"], manage: ["production.>"] },
  expiresAt: Number.POSITIVE_INFINITY,
};

/** Looks again until what is expected is there, and gives what it then is. */
export function eventually<T>(look: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(look, { timeout: 10_000, interval: 5 });
}
