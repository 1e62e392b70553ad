export type {
  ConnectorRule,
  ConnectorRuleOptions,
  ConnectorSubject,
  ConnectorVerdict,
} from "./connector-rules.ts";
export { checkConnector, connectorRules } from "./connector-rules.ts";
export type { BlobBackend } from "./describe-blob-store.ts";
export { describeBlobStore } from "./describe-blob-store.ts";
export { describeConnector } from "./describe-connector.ts";
export type { KeyValueBackend } from "./describe-key-value-store.ts";
export { describeKeyValueStore } from "./describe-key-value-store.ts";
export { describeLog } from "./describe-log.ts";
export type { PresenceBackend } from "./describe-presence.ts";
export { describePresence } from "./describe-presence.ts";
export { describeStateStore } from "./describe-state-store.ts";
export type { LogBackend, LogNodeOptions } from "./log-nodes.ts";
export type { KnownGap } from "./rule.ts";
export type { StateBackend, StateNode } from "./state-nodes.ts";
