import {
  CONNECTIONS,
  type ConnectionDocument,
  connectionKey,
  defaultConnectionKey,
  type StateStore,
} from "@anywire/core";
import { AnywireError } from "@anywire/types";
import type { Capabilities } from "../../contract/capabilities.ts";
import type { Connector } from "../../contract/connector.ts";
import type { ConnectionContext } from "../../contract/context.ts";
import type { ConnectorRegistry } from "../../contract/registry.ts";
import { movedSettings } from "./check-connection.ts";
import type { SecretVault } from "./secret-vault.ts";

/** A connection that can be used. */
export interface OpenConnection {
  readonly document: ConnectionDocument;
  readonly connector: Connector;
  readonly context: ConnectionContext;
  readonly capabilities: Capabilities;
}

/** The connections that there are, as they were at most a second ago. */
export interface Connections {
  /**
   * A connection by its id, also one that is not enabled. Undefined when there is none.
   * @throws {AnywireError} `unavailable` when this server has no such connector, its settings or secrets can't be used, or its secrets
   * were given for a connection that leads elsewhere.
   */
  find(id: string): Promise<OpenConnection | undefined>;
  /** The id of the one that channels of a network take which name none. */
  defaultOf(platform: string, network: string): Promise<string | undefined>;
  /** Of all platforms, by id. */
  list(): Promise<readonly ConnectionDocument[]>;
  /** Forgets what was read: it was changed here. */
  forget(id: string): void;
}

/** What is needed to use connections. */
export interface ConnectionsOptions {
  readonly state: StateStore;
  readonly registry: ConnectorRegistry;
  readonly vault: SecretVault;
  /** The URL of a connection's webhooks, as the network calls it. */
  readonly webhookUrlOf: (connection: string) => string;
  /** Milliseconds since the Unix epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** How long what was read is good, ms: each webhook and each delivery asks. */
const FRESH_MS = 1000;

interface Cached {
  readonly until: number;
  readonly connection: Promise<OpenConnection | undefined>;
}

/** Reads connections, and remembers them for a second. */
export function createConnections(options: ConnectionsOptions): Connections {
  const { state } = options;
  const cache = new Map<string, Cached>();
  return {
    find(id) {
      const known = cache.get(id);
      if (known !== undefined && known.until > performance.now()) return known.connection;
      // Ids come from outside, so the cache must not grow with them.
      if (cache.size > 10_000) cache.clear();
      const connection = read(options, id);
      // A clock that is set back must not keep what is old for hours.
      const cached = { until: performance.now() + FRESH_MS, connection };
      cache.set(id, cached);
      const drop = (): void => {
        if (cache.get(id) === cached) cache.delete(id);
      };
      // One that is not there is asked for anew: it may be made at any moment, and what was said through it must not fail.
      connection.then((found) => found ?? drop(), drop);
      return connection;
    },
    async defaultOf(platform, network) {
      const { values } = await state.get([defaultConnectionKey(platform, network)]);
      return values[0] as string | undefined;
    },
    async list() {
      const { items } = await state.list({ partition: CONNECTIONS, prefix: "" });
      return items.map(({ value }) => value as ConnectionDocument);
    },
    forget(id) {
      cache.delete(id);
    },
  };
}

async function read(
  { state, registry, vault, webhookUrlOf, now = Date.now }: ConnectionsOptions,
  id: string,
): Promise<OpenConnection | undefined> {
  const { values } = await state.get([connectionKey(id)]);
  const document = values[0] as ConnectionDocument | undefined;
  if (document === undefined) return undefined;
  const connector = registry.get(document.connector);
  if (connector === undefined) {
    throw new AnywireError(
      "unavailable",
      `connection ${id} needs connector ${document.connector}, which this server has not; add it under connectors.modules`,
    );
  }
  const settings = connector.configSchema.safeParse(document.settings);
  if (!settings.success) {
    throw new AnywireError(
      "unavailable",
      `the settings of connection ${id} do not suit this version of ${connector.id}; update them`,
      { cause: settings.error },
    );
  }
  const { secrets, settings: givenFor = document.settings } = await vault.read(id);
  // Whatever changed them: it may be half done.
  const moved = movedSettings(connector, givenFor, document.settings);
  if (moved.length > 0 && Object.keys(secrets).length > 0) {
    throw new AnywireError(
      "unavailable",
      `the secrets of connection ${id} were given for other settings (${moved.join(", ")}); give all of them anew together with the settings`,
    );
  }
  const context: ConnectionContext = {
    id,
    platform: document.platform,
    settings: settings.data,
    secrets: Object.fromEntries(
      Object.entries(secrets).map(([name, values]) => [
        name,
        values.filter(({ until }) => until === null || until > now()).map(({ value }) => value),
      ]),
    ),
    webhookUrl: webhookUrlOf(id),
    now,
  };
  return { document, connector, context, capabilities: connector.capabilities(context) };
}

/** Changes with what decides whether the network is reached, and lets us in. It has the secrets in it, and is told to nobody. */
export function accessKeyOf({
  document,
  context,
}: Pick<OpenConnection, "document" | "context">): string {
  return JSON.stringify([document.settings, Object.entries(context.secrets).sort()]);
}

/** Where is kept how far listening for a connection has come. */
export function cursorKey(connection: string): string {
  return `listen-cursor/${connection}`;
}
