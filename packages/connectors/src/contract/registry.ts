import { AnywireError } from "@anywire/types";
import type { Connector } from "./connector.ts";

/** The connectors that a server has. */
export interface ConnectorRegistry {
  /** Undefined when there is none of that id. */
  get(id: string): Connector | undefined;
  /** In the order of their declaration. */
  list(): readonly Connector[];
}

/** A registry of these connectors. @throws {AnywireError} `conflict` when two have one id */
export function createConnectorRegistry(connectors: readonly Connector[]): ConnectorRegistry {
  const byId = new Map<string, Connector>();
  for (const connector of connectors) {
    if (byId.has(connector.id)) {
      throw new AnywireError("conflict", `two connectors are called ${connector.id}; rename one`);
    }
    byId.set(connector.id, connector);
  }
  return { get: (id) => byId.get(id), list: () => [...byId.values()] };
}
