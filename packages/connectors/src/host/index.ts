export type { ConnectionOperationsOptions } from "./connections/connection-desk.ts";
export { connectionOperations } from "./connections/connection-operations.ts";
export type { Connections, ConnectionsOptions, OpenConnection } from "./connections/connections.ts";
export { createConnections } from "./connections/connections.ts";
export type { KeptSecrets, Secrets, SecretValue, SecretVault } from "./connections/secret-vault.ts";
export { createLockedVault, createSecretVault } from "./connections/secret-vault.ts";
export { createInbound } from "./inbound/inbound.ts";
export type {
  Inbound,
  InboundOptions,
  InboundOutcome,
  InboundSettings,
  StoreMedia,
  WantedMedia,
} from "./inbound/inbound-options.ts";
export { INBOUND_DEFAULTS } from "./inbound/inbound-options.ts";
export type { LiveMarks, LiveMarksOptions } from "./marks/live-marks.ts";
export { createLiveMarks } from "./marks/live-marks.ts";
export type { DeliveryOperationsOptions } from "./outbound/delivery-operations.ts";
export { deliveryOperations } from "./outbound/delivery-operations.ts";
export { createOutbound } from "./outbound/outbound.ts";
export type {
  Outbound,
  OutboundOptions,
  OutboundSettings,
  OutboundStats,
  OutboundStep,
} from "./outbound/outbound-options.ts";
export { OUTBOUND_DEFAULTS } from "./outbound/outbound-options.ts";
