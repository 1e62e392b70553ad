import {
  type Access,
  type Caller,
  type ConnectionDocument,
  connectionKey,
  createSecondLook,
  isLate,
  type KeyValueStore,
  type Log,
  type Operations,
  type SecondLook,
  type StateStore,
} from "@anywire/core";
import {
  AnywireError,
  accountAddress,
  type Connection,
  type ConnectionEntry,
  type ConnectionHealth,
  createEntryId,
  formatChannelName,
} from "@anywire/types";
import type { Connector } from "../../contract/connector.ts";
import type { ConnectorRegistry } from "../../contract/registry.ts";
import type { Connections } from "./connections.ts";
import type { SecretVault } from "./secret-vault.ts";

/** What the operations on connections need. */
export interface ConnectionOperationsOptions {
  readonly log: Log;
  readonly state: StateStore;
  readonly kv: KeyValueStore;
  readonly vault: SecretVault;
  readonly registry: ConnectorRegistry;
  readonly connections: Connections;
  readonly access: Access;
  /** Those of the messaging model: a test message goes their way. */
  readonly operations: Operations;
  /** Handles something that came in once more. */
  readonly replay: (connection: string, offset: number) => Promise<void>;
  /** The URL of a connection's webhooks, as the network calls it. */
  readonly webhookUrlOf: (connection: string) => string;
  /** What others know of how a connection is: the worst counts. */
  readonly healthOf?: readonly ((connection: string) => ConnectionHealth | undefined)[];
  readonly onError: (error: AnywireError) => void;
  /** Milliseconds since the Unix epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** How long one change of a connection may take before another may begin, ms. */
const LOCK_MS = 30_000;

/** The ports, and what several operations on connections do with them. */
export class ConnectionDesk {
  readonly options: ConnectionOperationsOptions;
  readonly now: () => number;
  readonly #secondLook: SecondLook;

  constructor(options: ConnectionOperationsOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
    this.#secondLook = createSecondLook(options.log, options.state);
  }

  /** The channel of a connection. */
  channelOf({ principal }: Caller, id: string): string {
    return formatChannelName({ platform: principal.platform, type: "connection", id });
  }

  /** Lets pass who may look at a connection, or decide about it. @throws {AnywireError} `permission_denied` */
  async assertMay(caller: Caller, action: "subscribe" | "manage", id: string): Promise<void> {
    await this.options.access.assertMay(caller.principal, action, this.channelOf(caller, id));
  }

  /** A connection of the caller's platform. @throws {AnywireError} `not_found` */
  async find(caller: Caller, id: string, atLeast?: number): Promise<ConnectionDocument> {
    return await this.#secondLook(this.channelOf(caller, id), async () => {
      const document = await this.read(id, atLeast);
      if (document?.platform === caller.principal.platform) return document;
      throw new AnywireError("not_found", `there is no connection ${id}`);
    });
  }

  /** A connection of any platform. */
  async read(id: string, atLeast?: number): Promise<ConnectionDocument | undefined> {
    const freshness = atLeast === undefined ? {} : { atLeast };
    const { values } = await this.options.state.get([connectionKey(id)], freshness);
    return values[0] as ConnectionDocument | undefined;
  }

  /** The end of the log, for a state that may trail: what is decided for the whole installation is decided by all of it. */
  async head(): Promise<number> {
    return isLate(this.options.state) ? await this.options.log.head(">") : 0;
  }

  /** Stores a decision; resolves with its offset when the state has it. @throws {AnywireError} what the fold refuses it with */
  async record(caller: Caller, id: string, data: ConnectionEntry): Promise<number> {
    const { log, state, connections } = this.options;
    const { entry } = await log.append({
      channel: this.channelOf(caller, id),
      id: createEntryId(),
      kind: "connection",
      sender: accountAddress(caller.principal.accountId),
      dataJson: JSON.stringify(data),
      ...(caller.client === undefined ? {} : { client: caller.client }),
    });
    const refusal = isLate(state) ? await state.refusalOf(entry.offset) : undefined;
    if (refusal !== undefined) throw new AnywireError(refusal.code, refusal.message);
    connections.forget(id);
    return entry.offset;
  }

  /**
   * Changes one connection at a time, on all nodes: what is kept encrypted is not in the log, and so has no order of its own.
   * @throws {AnywireError} `conflict` while another change of it goes on
   */
  async alone<T>(id: string, work: () => Promise<T>): Promise<T> {
    const { kv, onError } = this.options;
    const key = `connection-change/${id}`;
    const revision = await kv
      .set(key, createEntryId(), { revision: 0, ttlMs: LOCK_MS })
      .catch((error: unknown) => {
        if (!(error instanceof AnywireError) || error.code !== "conflict") throw error;
        throw new AnywireError("conflict", `connection ${id} is being changed; try again`);
      });
    try {
      return await work();
    } finally {
      // It runs out by itself where that fails.
      await kv.delete(key, revision).catch(onError);
    }
  }

  /** A connector that this server has. @throws {AnywireError} `bad_request` that names those there are */
  connector(id: string): Connector {
    const { registry } = this.options;
    const connector = registry.get(id);
    if (connector !== undefined) return connector;
    const known = registry.list().map((one) => one.id);
    throw new AnywireError(
      "bad_request",
      `this server has no connector ${JSON.stringify(id)}; take one of ${known.join(", ")}`,
    );
  }

  /** A connection as outsiders see it. */
  view({ platform: _, ...document }: ConnectionDocument): Connection {
    return { ...document, webhookUrl: this.options.webhookUrlOf(document.id) };
  }
}
