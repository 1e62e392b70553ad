export { describeLog } from "./describe-log.ts";
export type { PresenceBackend } from "./describe-presence.ts";
export { describePresence } from "./describe-presence.ts";
export type { LogBackend, LogNodeOptions } from "./log-nodes.ts";
export type { KnownGap } from "./rule.ts";
