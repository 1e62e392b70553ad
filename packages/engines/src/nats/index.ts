export { createNatsChangeBus } from "./nats-change-bus.ts";
export type { NatsKeyValueOptions } from "./nats-key-value.ts";
export { createNatsKeyValue } from "./nats-key-value.ts";
export type { NatsLink, NatsLinkOptions } from "./nats-link.ts";
export { createNatsLink } from "./nats-link.ts";
export type { NatsLogOptions } from "./nats-log.ts";
export { createNatsLog } from "./nats-log.ts";
export type { NatsPresenceOptions } from "./nats-presence.ts";
export { createNatsPresence } from "./nats-presence.ts";
