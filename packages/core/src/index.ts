export type { Access } from "./access/access.ts";
export { createAccess } from "./access/access.ts";
export type { Action, Principal } from "./access/principal.ts";
export { isCovered, isGranted, principalOf } from "./access/principal.ts";
export type { HubEvent } from "./hub/broadcast.ts";
export { Broadcast } from "./hub/broadcast.ts";
export type { HubOptions, HubStats, Subscribed, SubscribeOptions } from "./hub/hub.ts";
export { Hub } from "./hub/hub.ts";
export type { Subscriber } from "./hub/subscription.ts";
export { Subscription } from "./hub/subscription.ts";
export { Topic } from "./hub/topic.ts";
export { manageLog } from "./lifecycle/managed-log.ts";
export { managePresence } from "./lifecycle/managed-presence.ts";
export { isDeeperThan } from "./pipeline/json-depth.ts";
export type {
  BeforePublish,
  Pipeline,
  PipelineOptions,
  PublishRequest,
  SignalRequest,
} from "./pipeline/pipeline.ts";
export { createPipeline, kindOf } from "./pipeline/pipeline.ts";
export type {
  Appended,
  Consumer,
  ConsumerOptions,
  DeadLetter,
  EntryDraft,
  EntryHandler,
  Log,
  LogCapabilities,
  LogEntry,
  LogPage,
  LogQuery,
} from "./ports/log.ts";
export type {
  LiveEvent,
  Presence,
  PresenceCapabilities,
  PresenceMember,
  PresenceStats,
} from "./ports/presence.ts";
