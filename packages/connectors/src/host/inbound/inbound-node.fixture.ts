import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Appended,
  type BeforePublish,
  type BlobStore,
  createAccess,
  createOperations,
  createPipeline,
  type EntryDraft,
  type KeyValueStore,
  type Log,
  type LogEntry,
  type Operation,
  type Operations,
  type Pipeline,
  type Presence,
  type Principal,
  type StateKey,
  type StateStore,
} from "@anywire/core";
import {
  createMemoryBlobStore,
  createMemoryKeyValue,
  createMemoryLog,
  createMemoryPresence,
  createMemoryState,
  MemoryKeyValueBackend,
  MemoryLogBackend,
  MemoryPresenceBackend,
} from "@anywire/engines/memory";
import { createSqliteEngine, createSqliteKeyValue } from "@anywire/engines/sqlite";
import {
  AnywireError,
  createChannelTypeRegistry,
  type Message,
  type MessagePart,
} from "@anywire/types";
import { describe, expect, vi } from "vitest";
import { withEngine } from "../../../../../scripts/engines/with-engine.ts";
import { createConnectorRegistry } from "../../contract/registry.ts";
import { connectionOperations } from "../connections/connection-operations.ts";
import { type Connections, createConnections } from "../connections/connections.ts";
import { createSecretVault } from "../connections/secret-vault.ts";
import { createInbound } from "./inbound.ts";
import type { Inbound, InboundOptions, InboundSettings } from "./inbound-options.ts";
import { Raven } from "./raven.fixture.ts";

/** The stores of one node. */
interface Stores {
  readonly log: Log;
  readonly state: StateStore;
  readonly kv: KeyValueStore;
  readonly presence: Presence;
  readonly blobs: BlobStore;
}

/** What the nodes of one test share. */
export interface InboundBackend {
  createStores(): Stores;
  dispose(): Promise<void>;
}

const BACKENDS = {
  memory: async (): Promise<InboundBackend> => {
    const log = new MemoryLogBackend();
    const kv = new MemoryKeyValueBackend();
    const presence = new MemoryPresenceBackend();
    const blobs = createMemoryBlobStore();
    await blobs.start();
    return {
      createStores: () => ({
        log: createMemoryLog(log),
        state: createMemoryState(log),
        kv: createMemoryKeyValue(kv),
        presence: createMemoryPresence(presence),
        blobs,
      }),
      dispose: () => blobs.close(),
    };
  },
  sqlite: async (): Promise<InboundBackend> => {
    const directory = await mkdtemp(join(tmpdir(), "anywire-inbound-"));
    const presence = new MemoryPresenceBackend();
    const blobs = createMemoryBlobStore();
    await blobs.start();
    return {
      createStores: () => ({
        ...createSqliteEngine({ directory, synchronous: "off" }),
        kv: createSqliteKeyValue({ directory, synchronous: "off" }),
        presence: createMemoryPresence(presence),
        blobs,
      }),
      async dispose() {
        await blobs.close();
        await rm(directory, { recursive: true });
      },
    };
  },
};

/** Declares tests once on each engine that nodes can share inside one process. */
export function describeOnEngines(
  name: string,
  declare: (createBackend: () => Promise<InboundBackend>, engine: keyof typeof BACKENDS) => void,
): void {
  for (const engine of ["memory", "sqlite"] as const) {
    withEngine(engine, () =>
      describe(`${name}, on ${engine}`, () => declare(BACKENDS[engine], engine)),
    );
  }
}

/** A backend of its own in memory. */
export const createMemoryBackend = BACKENDS.memory;

/** How far a message of ours got on its way. */
interface SentOut {
  readonly externalId: string;
  readonly steps?: readonly string[];
  /** The sender's own address that it went out by. */
  readonly from?: string;
}

/** How a node is to be. */
export interface InboundNodeOptions {
  readonly raven?: Raven;
  /** A connector beside it. */
  readonly other?: Raven;
  readonly settings?: Partial<InboundSettings>;
  readonly before?: BeforePublish;
  /** Called around each append; what it throws, the append rejects with. */
  readonly around?: (draft: EntryDraft, append: () => Promise<Appended>) => Promise<Appended>;
  readonly storeMedia?: InboundOptions["storeMedia"];
  /** What the time is where things come in. */
  readonly now?: () => number;
}

/** Somebody who may do everything on the platform, its connections too. */
export const OPERATOR: Principal = {
  accountId: "bob",
  platform: "production",
  patterns: {
    subscribe: ["production.>", "production.connection.*"],
    publish: ["production.>"],
    manage: ["production.>", "production.connection.*"],
  },
  expiresAt: Number.POSITIVE_INFINITY,
};

const FAST: Partial<InboundSettings> = {
  minBackoffMs: 5,
  maxBackoffMs: 20,
  unknownWaitMs: 300,
  leaseMs: 300,
  watchMs: 20,
  minPauseMs: 10,
};

/** A node: what comes in through connections, and the model around it. */
export class InboundNode {
  readonly raven: Raven;
  readonly stores: Stores;
  readonly connections: Connections;
  readonly pipeline: Pipeline;
  readonly operations: Operations;
  readonly inbound: Inbound;
  readonly errors: AnywireError[] = [];
  readonly recoveries: string[] = [];
  readonly events: string[] = [];

  constructor(backend: InboundBackend, options: InboundNodeOptions = {}) {
    this.raven = options.raven ?? new Raven();
    const stores = backend.createStores();
    const { around } = options;
    this.stores = around === undefined ? stores : { ...stores, log: watched(stores.log, around) };
    const { log, state, kv, presence, blobs } = this.stores;
    const channelTypes = createChannelTypeRegistry();
    channelTypes.declare(this.raven.channelType);
    const access = createAccess({ channelTypes, state, membershipOf: () => undefined });
    const beforePublish = options.before === undefined ? [] : [options.before];
    const limits = { maxMessageBytes: 16_384, maxDepth: 16, beforePublish };
    this.pipeline = createPipeline({ access, log, presence, ...limits });
    const own = createOperations({
      ...{ access, pipeline: this.pipeline, log, state, presence, channelTypes },
      accountPresences: { of: async () => [] },
      maxParticipants: 10,
    });
    const registry = createConnectorRegistry([
      this.raven,
      ...(options.other ? [options.other] : []),
    ]);
    const vault = createSecretVault(kv, "a secret of tests");
    const webhookUrlOf = (id: string): string => `https://example.org/v1/webhooks/${id}`;
    this.connections = createConnections({ state, registry, vault, webhookUrlOf });
    const onError = (error: AnywireError): void => void this.errors.push(error);
    const shared = { log, state, kv, connections: this.connections, onError };
    this.inbound = createInbound({
      ...{ ...shared, blobs, pipeline: this.pipeline, operations: own },
      storeMedia: options.storeMedia ?? keepAsFile,
      settings: { ...FAST, ...options.settings },
      ...(options.now && { now: options.now }),
      onRecovery: (_, words) => this.recoveries.push(words),
      onEvent: ({ type, outcome }) => this.events.push(`${type} ${outcome}`),
    });
    const more = connectionOperations({
      ...{ ...shared, vault, registry, access, operations: own, webhookUrlOf },
      replay: (connection, offset) => this.inbound.replay(connection, offset),
      healthOf: [(id) => this.inbound.health(id)],
    });
    this.operations = new Map([...own.values(), ...more].map((one) => [one.name, one]));
  }

  /** Starts the stores, and what handles what came in unless a test wants to wait. */
  async start({ handles = true } = {}): Promise<void> {
    const { log, state, kv, presence } = this.stores;
    await log.start();
    await Promise.all([state.start(), kv.start(), presence.start()]);
    if (handles) await this.inbound.start();
  }

  async close(): Promise<void> {
    const { log, state, kv, presence } = this.stores;
    await this.inbound.close();
    await Promise.all([state.close(), kv.close(), presence.close()]);
    await log.close();
  }

  /** Carries out an operation for somebody. */
  async call<A>(name: string, request: object, principal: Principal = OPERATOR): Promise<A> {
    const operation: Operation | undefined = this.operations.get(name);
    if (operation === undefined) throw new Error(`there is no operation ${name}`);
    const outcome = await operation.run({ principal }, operation.request.parse(request));
    return outcome.answer as A;
  }

  /** Makes the connection that most tests use. */
  async connect(changes: object = {}): Promise<void> {
    const secrets = { ring: "gold" };
    const given = { id: "tower", connector: "raven", settings: { tower: "north" }, secrets };
    await this.call("connection.create", { ...given, ...changes });
  }

  /** Entries that match, oldest first. */
  async entries(pattern: string, kind?: string): Promise<LogEntry[]> {
    const page = await this.stores.log.read({ pattern, limit: 10_000, order: "asc" });
    return page.entries.filter((entry) => kind === undefined || entry.kind === kind);
  }

  /** Messages anywhere on the platform, oldest first. */
  async messages(pattern = "production.>"): Promise<(LogEntry & { readonly said: Message })[]> {
    const entries = await this.entries(pattern, "message");
    return entries.map((entry) => ({ ...entry, said: JSON.parse(entry.dataJson) as Message }));
  }

  /** Opens a channel with Ann in Bob's name. */
  async open(changes: object = {}): Promise<string> {
    const participants = ["raven:ann"];
    const asked = { type: "raven", participants, connection: "tower", ...changes };
    return (await this.call<{ channel: string }>("channel.open", asked)).channel;
  }

  /** Has a message of Bob's go out as far as its connection got with it; gives its delivery's id. */
  async sendOut(
    channel: string,
    { externalId, steps = ["queued", "sending", "sent"], from }: SentOut,
  ): Promise<string> {
    const { id: message } = await this.call<{ id: string }>("message.send", {
      channel,
      text: "hi",
    });
    const { items } = await this.stores.state.list({ partition: channel, prefix: "p:contact:" });
    const participant = items[0]?.sort.slice("p:".length);
    const id = `delivery-${externalId}`;
    const plan = {
      ...{ message, action: "send", participant, address: "raven:ann", network: "raven" },
      ...{ connection: "tower", cause: null, fallback: null, fallbackOf: null },
      expiresAt: Date.now() + 60_000,
    };
    const data: Readonly<Record<string, object>> = {
      queued: plan,
      sending: { attempt: 1 },
      sent: { externalIds: [externalId], ...(from === undefined ? {} : { from }) },
      unconfirmed: { isFinal: true, reason: "no answer" },
    };
    for (const step of steps) {
      await this.stores.log.append({
        ...{ channel, id: `${id}-${step}`, kind: "delivery", sender: "account:outbound" },
        dataJson: JSON.stringify({ step, id, ...data[step] }),
      });
    }
    return id;
  }

  async get<T>(key: StateKey<T>): Promise<T | undefined> {
    return (await this.stores.state.get([key])).values[0] as T | undefined;
  }
}

/** Looks again until what is expected is there, and gives what it then is. */
export function eventually<T>(look: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(look, { timeout: 15_000, interval: 10 });
}

/** Resolves with the only message once there is one. */
export async function onlyMessage(
  node: InboundNode,
): Promise<LogEntry & { readonly said: Message }> {
  return await eventually(async () => {
    const [message, ...others] = await node.messages();
    expect(others).toEqual([]);
    if (message === undefined) throw new Error("there is no message yet");
    return message;
  });
}

/** Reads media to their end, as whoever keeps them must, and refuses what pretends to be a picture. */
async function keepAsFile(
  ...[media, { id, kind, name, mimeType }]: Parameters<InboundOptions["storeMedia"]>
): Promise<MessagePart> {
  const bytes = new Uint8Array(await new Response(media.bytes).arrayBuffer());
  if (kind === "image" && bytes[0] !== 0xff) {
    throw new AnywireError("unsupported_media_type", `it is no ${mimeType}`);
  }
  const url = `https://example.org/${id}`;
  const shown = { url, sizeBytes: bytes.byteLength, ...(name === undefined ? {} : { name }) };
  return kind === "image" ? { type: "image", ...shown } : { type: "file", ...shown };
}

function watched(log: Log, around: NonNullable<InboundNodeOptions["around"]>): Log {
  return {
    capabilities: log.capabilities,
    get epoch() {
      return log.epoch;
    },
    start: () => log.start(),
    append: (draft) => around(draft, () => log.append(draft)),
    read: (query) => log.read(query),
    head: (pattern) => log.head(pattern),
    tail: (deliver) => log.tail(deliver),
    consume: (options, handle) => log.consume(options, handle),
    close: () => log.close(),
  };
}
