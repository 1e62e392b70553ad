export type {
  Account,
  AccountChange,
  AccountsPage,
  Device,
  Devices,
  SaveAccountRequest,
  SaveDeviceRequest,
} from "./account.ts";
export {
  accountChangeSchema,
  accountSchema,
  accountsPageSchema,
  deviceSchema,
  devicesSchema,
  saveAccountRequestSchema,
  saveDeviceRequestSchema,
} from "./account.ts";
export type { Address } from "./address.ts";
export {
  accountAddress,
  accountIdOf,
  accountIdSchema,
  addressSchema,
  isAccountId,
  parseAddress,
} from "./address.ts";
export type {
  ConnectData,
  EntriesPage,
  EntriesQuery,
  MessageSendRpc,
  PresenceAnswer,
  Problem,
  SendMessageRequest,
  SentMessage,
  SignalSendRpc,
} from "./api.ts";
export {
  connectDataSchema,
  entriesPageSchema,
  entriesQuerySchema,
  messageSendRpcSchema,
  presenceMemberSchema,
  presenceSchema,
  problemSchema,
  sendMessageRequestSchema,
  sentMessageSchema,
  signalSendRpcSchema,
} from "./api.ts";
export type { Attachment } from "./attachment.ts";
export { attachmentIdSchema, attachmentSchema, uploadQuerySchema } from "./attachment.ts";
export type {
  ChannelInfo,
  ChannelSummary,
  ChannelsPage,
  ChannelsQuery,
  HideAnswer,
  HistoryChoice,
  LastMessage,
  MarkRequest,
  MuteAnswer,
  MuteRequest,
  OpenChannelRequest,
  ParticipantInfo,
  ParticipantsPage,
  ParticipantsRequest,
  ReadAnswer,
  RoleRequest,
  Totals,
  UpdateChannelRequest,
} from "./channel.ts";
export {
  channelSchema,
  channelSummarySchema,
  channelsPageSchema,
  channelsQuerySchema,
  FOREVER,
  hideAnswerSchema,
  historyChoiceSchema,
  lastMessageSchema,
  markRequestSchema,
  muteAnswerSchema,
  muteRequestSchema,
  openChannelRequestSchema,
  participantInfoSchema,
  participantSchema,
  participantsPageSchema,
  participantsRequestSchema,
  readAnswerSchema,
  roleRequestSchema,
  totalsSchema,
  updateChannelRequestSchema,
} from "./channel.ts";
export type { ChannelAbilities, ChannelAbilitiesAnswer } from "./channel-abilities.ts";
export { channelAbilitiesAnswerSchema, channelAbilitiesSchema } from "./channel-abilities.ts";
export type { ChannelName } from "./channel-name.ts";
export {
  channelNameSchema,
  formatChannelName,
  isChannelName,
  isSegment,
  notificationChannel,
  parseChannelName,
  platformOf,
} from "./channel-name.ts";
export type { PatternTokens } from "./channel-pattern.ts";
export {
  channelPatternSchema,
  coversPattern,
  isChannelPattern,
  isWildcard,
  matchesPattern,
  patternTokens,
} from "./channel-pattern.ts";
export type { ChannelIdentity, ChannelType, ChannelTypeRegistry } from "./channel-types.ts";
export { createChannelTypeRegistry } from "./channel-types.ts";
export type { CloseSpec, DisconnectReason, UnsubscribeReason } from "./close-codes.ts";
export { DISCONNECTS, UNSUBSCRIBES } from "./close-codes.ts";
export type {
  Connection,
  ConnectionEntry,
  ConnectionHealth,
  ConsentEntry,
  InboundEntry,
  RateLimit,
  WebhookEntry,
} from "./connection.ts";
export {
  connectionEntrySchema,
  connectionHealthSchema,
  connectionIdSchema,
  connectionRequestSchema,
  connectionSchema,
  connectionsPageSchema,
  connectionsQuerySchema,
  connectorInfoSchema,
  connectorsAnswerSchema,
  consentEntrySchema,
  consentRequestSchema,
  createConnectionRequestSchema,
  inboundEntrySchema,
  inboundProblemsSchema,
  rateLimitSchema,
  rotateSecretsRequestSchema,
  testConnectionAnswerSchema,
  testConnectionRequestSchema,
  updateConnectionRequestSchema,
  webhookEntrySchema,
} from "./connection.ts";
export type { Contact, ContactEntry, ContactHistory, ContactsPage } from "./contact.ts";
export {
  addAddressRequestSchema,
  contactAddressSchema,
  contactEntrySchema,
  contactHistoryQuerySchema,
  contactHistorySchema,
  contactRequestSchema,
  contactSchema,
  contactsPageSchema,
  contactsQuerySchema,
  createContactRequestSchema,
  mergeRequestSchema,
  removeAddressRequestSchema,
  rotateAddressRequestSchema,
  updateContactRequestSchema,
  verifyAddressRequestSchema,
} from "./contact.ts";
export type {
  DeliveriesPage,
  Delivery,
  DeliveryAction,
  DeliveryEntry,
  DeliveryError,
  DeliveryErrorClass,
  DeliveryHistory,
  DeliveryStatus,
  MessageDelivery,
  Price,
} from "./delivery.ts";
export {
  DELIVERY_ACTIONS,
  DELIVERY_ERRORS,
  DELIVERY_STATUSES,
  deliveriesPageSchema,
  deliveriesQuerySchema,
  deliveryEntrySchema,
  deliveryErrorSchema,
  deliveryHistorySchema,
  deliveryRequestSchema,
  deliverySchema,
  messageDeliverySchema,
  priceSchema,
} from "./delivery.ts";
export type {
  DeploymentAnswer,
  DeploymentDecision,
  PutRevisionRequest,
  RevisionInfoAnswer,
  RevisionsAnswer,
} from "./deployment-api.ts";
export {
  deploymentDecisionSchema,
  deploymentSchema,
  putRevisionRequestSchema,
  revisionIdSchema,
  revisionInfoSchema,
  revisionsAnswerSchema,
} from "./deployment-api.ts";
export { describeIssue } from "./describe-issue.ts";
export type { Entry, EntryKind, EntryTrace, Position } from "./entry.ts";
export {
  ENTRY_KINDS,
  entryKindSchema,
  entrySchema,
  MAX_TRACE_NAMES,
  positionSchema,
} from "./entry.ts";
export type { DeletedData, DomainKind, EntryData } from "./entry-data.ts";
export { ENTRY_DATA } from "./entry-data.ts";
export { createEntryId, entryIdSchema, isEntryId } from "./entry-id.ts";
export { ERROR_MEANINGS } from "./error-meanings.ts";
export type { AnywireErrorOptions, ErrorCode, ErrorSpec } from "./errors.ts";
export { AnywireError, ERRORS, toAnywireError } from "./errors.ts";
export type {
  DeadLettersPage,
  EnableFunctionRequest,
  FunctionRun,
  FunctionStatusAnswer,
  FunctionsAnswer,
  ReplayAnswer,
  ReplayRequest,
  RunFunctionRequest,
} from "./function-api.ts";
export {
  deadLettersPageSchema,
  deadLettersQuerySchema,
  enableFunctionRequestSchema,
  functionErrorSchema,
  functionNameSchema,
  functionRunSchema,
  functionStatusSchema,
  functionsAnswerSchema,
  functionTriggerSchema,
  replayAnswerSchema,
  replayRequestSchema,
  runFunctionRequestSchema,
} from "./function-api.ts";
export type {
  HandsetDraftRequest,
  HandsetEvent,
  HandsetFaultKind,
  HandsetFaultRequest,
  HandsetMessages,
  HandsetMessageView,
  HandsetNetwork,
  HandsetNetworks,
  HandsetPersons,
} from "./handset-api.ts";
export {
  HANDSET_FAULTS,
  handsetDraftRequestSchema,
  handsetFaultRequestSchema,
  handsetIdentityRequestSchema,
  handsetNetworkSchema,
  handsetPersonRequestSchema,
  handsetPersonSchema,
  handsetReactRequestSchema,
} from "./handset-api.ts";
export type { Message, MessagePart } from "./message.ts";
export { messagePartSchema, messageSchema } from "./message.ts";
export type {
  DeleteMessageRequest,
  EditMessageRequest,
  MessagesPage,
  MessagesQuery,
  MessageVersions,
  MessageView,
  Reaction,
  ReactionRequest,
} from "./message-changes.ts";
export {
  deleteMessageRequestSchema,
  editMessageRequestSchema,
  emojiSchema,
  messagesPageSchema,
  messagesQuerySchema,
  messageVersionsSchema,
  messageViewSchema,
  reactionRequestSchema,
  reactionSchema,
} from "./message-changes.ts";
export type { NotificationEvent, NotificationEventName, Snapshot } from "./notification-event.ts";
export {
  NOTIFICATION_EVENTS,
  notificationEventSchema,
  snapshotSchema,
} from "./notification-event.ts";
export { PatternMatcher } from "./pattern-matcher.ts";
export type {
  AccountPresence,
  AccountPresenceAnswer,
  DeviceStatus,
  PresenceSetRpc,
} from "./presence.ts";
export {
  accountPresenceAnswerSchema,
  accountPresenceSchema,
  deviceStatusSchema,
  presenceRequestSchema,
  presenceSetRpcSchema,
} from "./presence.ts";
export { MAX_PRESENCE_ACCOUNTS, presenceChannel } from "./presence-channel.ts";
export type { Meta } from "./profile.ts";
export { linkSchema, metaSchema, titleSchema } from "./profile.ts";
export { isQuietType, namesQuietType, QUIET_TYPES } from "./quiet-types.ts";
export type { Role } from "./role.ts";
export { ROLES, roleSchema } from "./role.ts";
export type {
  OnChannel,
  Paging,
  Rpc,
  RpcAnswer,
  RpcMethod,
  RpcMethods,
  RpcRequest,
  TokenRefreshAnswer,
  WithId,
} from "./rpc.ts";
export { tokenRefreshRpcSchema } from "./rpc.ts";
export type { Signal } from "./signal.ts";
export { signalSchema } from "./signal.ts";
export { formatTimetoken } from "./timetoken.ts";
export type { TokenClaims } from "./token-claims.ts";
export { tokenClaimsSchema } from "./token-claims.ts";
