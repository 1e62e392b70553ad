export type { BlobBackend } from "./describe-blob-store.ts";
export { describeBlobStore } from "./describe-blob-store.ts";
export { describeLog } from "./describe-log.ts";
export type { PresenceBackend } from "./describe-presence.ts";
export { describePresence } from "./describe-presence.ts";
export type { StateBackend, StateNode } from "./describe-state-store.ts";
export { describeStateStore } from "./describe-state-store.ts";
export type { LogBackend, LogNodeOptions } from "./log-nodes.ts";
export type { KnownGap } from "./rule.ts";
