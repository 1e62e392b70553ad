import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Appended,
  type ConnectionDocument,
  connectionKey,
  DELIVERY,
  type DeliveryDocument,
  type EntryDraft,
  type KeyValueStore,
  type Log,
  type StateStore,
} from "@anywire/core";
import {
  createMemoryKeyValue,
  createMemoryLog,
  createMemoryState,
  MemoryKeyValueBackend,
  MemoryLogBackend,
} from "@anywire/engines/memory";
import { createSqliteEngine, createSqliteKeyValue } from "@anywire/engines/sqlite";
import {
  type AnywireError,
  createChannelTypeRegistry,
  createEntryId,
  type DeliveryEntry,
} from "@anywire/types";
import { vi } from "vitest";
import type { Connector } from "../../contract/connector.ts";
import { createConnectorRegistry } from "../../contract/registry.ts";
import { type Connections, createConnections } from "../connections/connections.ts";
import { createSecretVault } from "../connections/secret-vault.ts";
import { createOutbound } from "./outbound.ts";
import type { Outbound, OutboundOptions, OutboundStep } from "./outbound-options.ts";
import {
  ScriptedNetwork,
  type ScriptedOptions,
  scriptedConnector,
} from "./scripted-connector.fixture.ts";

/** The stores of one node. */
export interface DeskStores {
  readonly log: Log;
  readonly state: StateStore;
  readonly kv: KeyValueStore;
}

/** What nodes can share. */
export interface DeskBackend {
  createStores(): DeskStores;
  dispose(): Promise<void>;
}

/** Backends by the names of their engines. */
export const DESK_BACKENDS = {
  memory: async (): Promise<DeskBackend> => {
    const log = new MemoryLogBackend();
    const kv = new MemoryKeyValueBackend();
    return {
      createStores: () => ({
        log: createMemoryLog(log),
        state: createMemoryState(log),
        kv: createMemoryKeyValue(kv),
      }),
      dispose: async () => {},
    };
  },
  sqlite: async (): Promise<DeskBackend> => {
    const directory = await mkdtemp(join(tmpdir(), "anywire-outbound-"));
    return {
      createStores: () => ({
        ...createSqliteEngine({ directory, synchronous: "off" }),
        kv: createSqliteKeyValue({ directory, synchronous: "off" }),
      }),
      dispose: () => rm(directory, { recursive: true }),
    };
  },
};

/** How long a test waits for what will surely come, on however busy a machine. */
export const PATIENT = { timeout: 15_000, interval: 10 };

/** A platform with connections and contacts, and a node that sends. */
export class OutboundDesk {
  readonly stores: DeskStores;
  readonly connections: Connections;
  readonly outbound: Outbound;
  readonly errors: AnywireError[] = [];
  readonly steps: OutboundStep[] = [];
  readonly #options: Partial<OutboundOptions>;

  constructor(
    stores: DeskStores,
    connectors: readonly Connector[],
    options: Partial<OutboundOptions> = {},
  ) {
    this.stores = stores;
    this.#options = options;
    this.connections = createConnections({
      state: stores.state,
      registry: createConnectorRegistry(connectors),
      vault: createSecretVault(stores.kv, "secret"),
      webhookUrlOf: (id) => `http://127.0.0.1/v1/webhooks/${id}`,
    });
    this.outbound = this.#create(connectors);
  }

  /** A node on a backend, started; it does not send yet. */
  static async open(
    backend: DeskBackend,
    connectors: readonly Connector[],
    options: Partial<OutboundOptions> = {},
  ): Promise<OutboundDesk> {
    const stores = backend.createStores();
    await stores.log.start();
    await stores.state.start();
    await stores.kv.start();
    return new OutboundDesk(stores, connectors, options);
  }

  /** Ends it in order. */
  async close(withinMs = 5_000): Promise<void> {
    await this.outbound.close(withinMs);
    await this.stores.state.close();
    await this.stores.kv.close();
    await this.stores.log.close();
  }

  /** Stores an entry that the server writes. */
  append(
    channel: string,
    kind: EntryDraft["kind"],
    data: object,
    more: Partial<EntryDraft> = {},
  ): Promise<Appended> {
    return this.stores.log.append({
      channel,
      id: createEntryId(),
      kind,
      sender: "account:bob",
      dataJson: JSON.stringify(data),
      ...more,
    });
  }

  /** A connection of a connector. */
  async connect(
    connector: Connector,
    id: string,
    given: Partial<ConnectionDocument> = {},
  ): Promise<void> {
    const { network } = connector;
    await this.append(`p.connection.${id}`, "connection", {
      action: "created",
      connector: connector.id,
      network,
      title: null,
      settings: {},
      isEnabled: true,
      isDefault: true,
      defaultAccounts: ["bob"],
      fallback: null,
      limits: [],
      portfolio: null,
      secrets: [],
      ...given,
    });
  }

  /** Changes a connection. */
  async change(id: string, changes: object): Promise<void> {
    await this.append(`p.connection.${id}`, "connection", { action: "updated", ...changes });
  }

  /** A contact with addresses. */
  async contact(id: string, ...addresses: string[]): Promise<void> {
    const data = { action: "created", addresses, name: id, meta: {} };
    await this.append(`p.contact.${id}`, "contact", data);
  }

  /** A channel of bob and contacts. */
  async channel(name: string, contacts: readonly string[], more: object = {}): Promise<string> {
    const [, type] = name.split(".");
    await this.append(name, "opened", {
      type,
      title: null,
      avatarUrl: null,
      connection: null,
      history: "all",
      meta: {},
      participants: [
        { address: "account:bob", role: "owner" },
        ...contacts.map((id) => ({ address: `contact:${id}`, role: "member" })),
      ],
      isFixed: true,
      ...more,
    });
    return name;
  }

  /** Somebody to write to: a contact with a phone, and a channel with it. */
  async person(n: number, network = "test"): Promise<string> {
    await this.contact(`c${n}`, `phone:+4477009${String(n).padStart(5, "0")}`);
    return await this.channel(`p.${network}.c${n}`, [`c${n}`]);
  }

  /** Bob says something. */
  async say(channel: string, text: string, more: Partial<EntryDraft> & { data?: object } = {}) {
    const { data = {}, ...draft } = more;
    const { entry } = await this.append(channel, "message", { text, ...data }, draft);
    return entry;
  }

  /** The deliveries of a channel, oldest first. */
  async deliveries(channel: string): Promise<DeliveryDocument[]> {
    const { items } = await this.stores.state.list({ partition: channel, prefix: DELIVERY });
    return items.map(({ value }) => value as DeliveryDocument);
  }

  /** The deliveries of a channel, once they are as expected. */
  async until(
    channel: string,
    isSo: (deliveries: readonly DeliveryDocument[]) => boolean,
  ): Promise<DeliveryDocument[]> {
    return await vi.waitFor(async () => {
      const found = await this.deliveries(channel);
      if (!isSo(found)) throw new Error(`not so: ${JSON.stringify(found)}`);
      return found;
    }, PATIENT);
  }

  /** The one delivery of a channel, once it has that status. */
  async untilStatus(
    channel: string,
    ...statuses: readonly DeliveryDocument["status"][]
  ): Promise<DeliveryDocument> {
    const found = await this.until(
      channel,
      (all) => all.length === 1 && all.every(({ status }) => statuses.includes(status)),
    );
    return found[0] as DeliveryDocument;
  }

  /** The steps on record in a channel, in their order. */
  async recorded(channel: string): Promise<DeliveryEntry[]> {
    const page = await this.stores.log.read({ pattern: channel, limit: 10_000, order: "asc" });
    return page.entries
      .filter(({ kind }) => kind === "delivery")
      .map(({ dataJson }) => JSON.parse(dataJson) as DeliveryEntry);
  }

  /** A connection as the state has it. */
  async connection(id: string): Promise<ConnectionDocument> {
    const { values } = await this.stores.state.get([connectionKey(id)]);
    return values[0] as ConnectionDocument;
  }

  #create(connectors: readonly Connector[]): Outbound {
    const { log, state, kv } = this.stores;
    const channelTypes = createChannelTypeRegistry();
    for (const { channelType } of connectors) {
      if (channelTypes.get(channelType.name) === undefined) channelTypes.declare(channelType);
    }
    return createOutbound({
      log,
      state,
      kv,
      connections: this.connections,
      channelTypes,
      mediaSource: async () => undefined,
      onError: (error) => this.errors.push(error),
      onStep: (step) => this.steps.push(step),
      ...this.#options,
      settings: {
        leaseMs: 1_000,
        watchMs: 50,
        minBackoffMs: 5,
        maxBackoffMs: 50,
        breakerPauseMs: 30,
        breakerMaxPauseMs: 60,
        reconcileAfterMs: [0, 5, 10, 15, 20],
        sendTimeoutMs: 10_000,
        ...this.#options.settings,
      },
    });
  }
}

/** What a test has to do with: all of it is closed by `end`, the last first. */
export function createDesks(createBackend: () => Promise<DeskBackend>) {
  const ends: (() => Promise<void>)[] = [];

  async function backend(): Promise<DeskBackend> {
    const made = await createBackend();
    ends.push(() => made.dispose());
    return made;
  }

  async function open(
    on: DeskBackend,
    connectors: readonly Connector[],
    options: Partial<OutboundOptions> = {},
  ): Promise<OutboundDesk> {
    const desk = await OutboundDesk.open(on, connectors, options);
    ends.push(() => desk.close());
    return desk;
  }

  /** A desk with one connection, one person and their channel. */
  async function setUp(how: ScriptedOptions = {}, options: Partial<OutboundOptions> = {}) {
    const network = new ScriptedNetwork();
    const connector = scriptedConnector(network, how);
    const on = await backend();
    const desk = await open(on, [connector], options);
    await desk.connect(connector, "main");
    const channel = await desk.person(1, connector.network);
    return { network, connector, desk, channel, on };
  }

  async function end(): Promise<void> {
    for (const one of ends.splice(0).reverse()) await one();
  }

  return { backend, open, setUp, end };
}
