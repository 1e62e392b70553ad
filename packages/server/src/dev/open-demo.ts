import type { Connector } from "@anywire/connectors";
import type { Operations } from "@anywire/core";
import type { Logger } from "../logging.ts";
import { ensureDemoConnections } from "./demo-connections.ts";
import type { DevHandset } from "./dev-handset.ts";
import { startDevNetworks } from "./dev-networks.ts";

/** What a development server has to offer to simulated networks. */
export interface DemoOptions {
  readonly handset: DevHandset;
  readonly connectors: readonly Connector[];
  readonly operations: Operations;
  /** The URL of a connection's webhooks, now that the server listens. */
  readonly webhookUrlOf: (connection: string) => string;
  readonly logger: Pick<Logger, "warn">;
  /** Default `production`: that of the console. */
  readonly platform?: string;
  /** Who is told when somebody outside writes. Default bob and june: those of the console. */
  readonly accounts?: readonly string[];
}

/**
 * Starts the simulated networks, makes the connections to them, and hands them to the handset, once the server listens. What goes
 * wrong with one is logged. Never rejects.
 */
export async function openDemo(options: DemoOptions): Promise<void> {
  const { handset, connectors, operations, webhookUrlOf, logger } = options;
  const { platform = "production", accounts = ["bob", "june"] } = options;
  const networks = await startDevNetworks({
    connectors,
    webhookUrlOf,
    onError: (connector, err) => logger.warn({ err, connector }, "a simulator did not start"),
  });
  // Before the page has them: whoever writes at once is to be heard.
  await ensureDemoConnections({
    ...{ operations, platform, accounts },
    networks: networks.networks,
    onError: (connection, err) => logger.warn({ err, connection }, "a demo connection is missing"),
  });
  handset.use(networks);
}
