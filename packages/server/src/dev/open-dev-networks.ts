import type { ConnectorRegistry } from "@anywire/connectors";
import type { Operations } from "@anywire/core";
import type { Logger } from "../logging.ts";
import { ensureDemoConnections } from "./demo-connections.ts";
import type { DevHandset } from "./dev-handset.ts";
import { startDevNetworks } from "./dev-networks.ts";

/** What simulated networks are opened with. */
export interface OpenDevNetworksOptions {
  readonly handset: DevHandset;
  readonly registry: ConnectorRegistry;
  readonly webhookUrlOf: (connection: string) => string;
  readonly operations: Operations;
  readonly logger: Pick<Logger, "warn">;
}

const PLATFORM = "production";

/**
 * Whom people outside reach when they write first. Not June as well: a channel is known by who takes part, so what Bob then writes to them of
 * his own accord would be another conversation.
 */
const ACCOUNTS = ["bob"];

/** Starts a simulator of each network and connects the server to it. Never rejects: without them the server is one all the same. */
export async function openDevNetworks(options: OpenDevNetworksOptions): Promise<void> {
  const { handset, registry, webhookUrlOf, operations, logger } = options;
  const warn = (name: string, err: unknown): void => {
    // A server that closes takes everything away from them.
    if (!handset.closed.aborted) logger.warn({ err, name }, "a simulated network is not there");
  };
  const networks = await startDevNetworks({
    connectors: registry.list(),
    webhookUrlOf,
    onError: warn,
  });
  await ensureDemoConnections({
    ...{ operations, networks: networks.networks },
    platform: PLATFORM,
    accounts: ACCOUNTS,
    onError: warn,
  });
  handset.use(networks);
}
