export type { Access, AccessOptions, Grant } from "./access/access.ts";
export { createAccess } from "./access/access.ts";
export type { Action, Principal, TokenAction } from "./access/principal.ts";
export { isCovered, isGranted, principalOf } from "./access/principal.ts";
export { canonicalAddress } from "./contacts/canonical-address.ts";
export type { HubEvent } from "./hub/broadcast.ts";
export { Broadcast } from "./hub/broadcast.ts";
export type { ChannelFeed } from "./hub/channel-feed.ts";
export type {
  HubOptions,
  HubStats,
  Subscribed,
  SubscribeOptions,
} from "./hub/hub.ts";
export { Hub } from "./hub/hub.ts";
export type { Subscriber } from "./hub/subscription.ts";
export { Subscription } from "./hub/subscription.ts";
export { Topic } from "./hub/topic.ts";
export type { InboxEvents, InboxesOptions } from "./inbox/inboxes.ts";
export { Inboxes } from "./inbox/inboxes.ts";
export type { MissedPage } from "./inbox/missed.ts";
export type { LeaseHolder, LeaseOptions } from "./leases/hold-lease.ts";
export { holdLease } from "./leases/hold-lease.ts";
export type { IntervalOptions, IntervalWork, TickWork } from "./leases/run-every.ts";
export { runEvery } from "./leases/run-every.ts";
export type { Schedule } from "./leases/schedule.ts";
export { intervalSchedule } from "./leases/schedule.ts";
export { manageBlobStore } from "./lifecycle/managed-blob-store.ts";
export { manageKeyValue } from "./lifecycle/managed-key-value.ts";
export { manageLog } from "./lifecycle/managed-log.ts";
export { managePresence } from "./lifecycle/managed-presence.ts";
export { manageState } from "./lifecycle/managed-state.ts";
export type { ReadableLog } from "./log/mask-deleted.ts";
export { maskDeleted } from "./log/mask-deleted.ts";
export type { MessagingOptions } from "./messaging/messaging-context.ts";
export type { ChannelIdentifiers } from "./messaging/open-channel.ts";
export { nameOfChannel } from "./messaging/open-channel.ts";
export type { Caller, Operation, Outcome } from "./messaging/operation.ts";
export { emptyAnswerSchema } from "./messaging/operation.ts";
export type { Operations } from "./messaging/operations.ts";
export { createOperations } from "./messaging/operations.ts";
export type { EarlyRefusalOptions } from "./messaging/refuse-early.ts";
export { createEarlyRefusal } from "./messaging/refuse-early.ts";
export { stableId } from "./messaging/stable-id.ts";
export type { WaitFor } from "./messaging/wait-for.ts";
export { createWaitFor, waitForSchema } from "./messaging/wait-for.ts";
export { ChannelOrder } from "./pipeline/in-order.ts";
export { isDeeperThan } from "./pipeline/json-depth.ts";
export type {
  AfterSignal,
  BeforePublish,
  BeforeSignal,
  Pipeline,
  PipelineOptions,
  PublishRequest,
  SignalDraft,
  SignalRequest,
} from "./pipeline/pipeline.ts";
export { createPipeline, kindOf } from "./pipeline/pipeline.ts";
export type {
  BlobCapabilities,
  BlobDraft,
  BlobInfo,
  BlobKey,
  BlobStore,
  ByteRange,
  SigningBlobStore,
} from "./ports/blob-store.ts";
export { isSigningBlobStore } from "./ports/blob-store.ts";
export type {
  KeyValue,
  KeyValueCapabilities,
  KeyValuePage,
  KeyValueQuery,
  KeyValueStore,
  KeyValueWrite,
} from "./ports/key-value-store.ts";
export type { Listening } from "./ports/listening.ts";
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
export type { NodePost } from "./ports/node-post.ts";
export type {
  LiveEvent,
  Presence,
  PresenceCapabilities,
  PresenceMember,
  PresenceOccupant,
  PresenceStats,
  PresenceWatcher,
} from "./ports/presence.ts";
export type {
  LateStateStore,
  RebuildProgress,
  Refusal,
  StateAddress,
  StateChange,
  StateFreshness,
  StateItem,
  StatePage,
  StateQuery,
  StateStore,
  StateStoreCapabilities,
  StateValues,
  StateWatcher,
} from "./ports/state-store.ts";
export { isLate } from "./ports/state-store.ts";
export type {
  AccountPresencesOptions,
  AccountRef,
  PresenceAudience,
} from "./presence/account-presences.ts";
export { AccountPresences } from "./presence/account-presences.ts";
export type {
  ChannelDocument,
  ConnectionDocument,
  ConsentDocument,
  ContactDocument,
  DeliveryDocument,
  DeliveryPlace,
  ExchangeDocument,
  ExternalDocument,
  InboundProblemDocument,
  MembershipDocument,
  MessageDocument,
  OrdinalDocument,
  OriginDocument,
  ParticipantDocument,
  ReactionCount,
} from "./state/documents.ts";
export type { ProjectorOptions, StateLag } from "./state/projector.ts";
export { Projector } from "./state/projector.ts";
export type { SecondLook } from "./state/second-look.ts";
export { createSecondLook } from "./state/second-look.ts";
export type { StateKey } from "./state/state-key.ts";
export {
  accountKey,
  addressKey,
  CONNECTIONS,
  channelKey,
  connectionIndexKey,
  connectionKey,
  consentKey,
  contactKey,
  DELIVERY,
  defaultConnectionKey,
  deliveryIndexKey,
  deliveryKey,
  exchangeKey,
  externalKey,
  FALLBACKS,
  fallbackKey,
  INBOUND_PROBLEM,
  inboundProblemKey,
  membershipKey,
  messageKey,
  ORDINAL,
  openDeliveries,
  openDeliveryKey,
  originKey,
  PARTICIPANT,
  participantKey,
  problemDeliveryKey,
  sortableOffset,
} from "./state/state-key.ts";
