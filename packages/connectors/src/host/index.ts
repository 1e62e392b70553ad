export type { Connections, ConnectionsOptions, OpenConnection } from "./connections/connections.ts";
export { createConnections } from "./connections/connections.ts";
export type { Secrets, SecretValue, SecretVault } from "./connections/secret-vault.ts";
export { createSecretVault } from "./connections/secret-vault.ts";
