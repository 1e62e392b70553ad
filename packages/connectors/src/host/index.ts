export type { Connections, ConnectionsOptions, OpenConnection } from "./connections/connections.ts";
export { createConnections } from "./connections/connections.ts";
export type { Secrets, SecretValue, SecretVault } from "./connections/secret-vault.ts";
export { createSecretVault } from "./connections/secret-vault.ts";
export type {
  Outbound,
  OutboundOptions,
  OutboundSettings,
  OutboundStats,
  OutboundStep,
} from "./outbound/outbound-options.ts";
export { OUTBOUND_DEFAULTS } from "./outbound/outbound-options.ts";
