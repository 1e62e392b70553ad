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
export type { Entry, EntryKind, Position } from "./entry.ts";
export { ENTRY_KINDS, entryKindSchema, entrySchema, positionSchema } from "./entry.ts";
export { createEntryId, entryIdSchema, isEntryId } from "./entry-id.ts";
export type { AnywireErrorOptions, ErrorCode, ErrorSpec } from "./errors.ts";
export { AnywireError, ERRORS, toAnywireError } from "./errors.ts";
export type { Message, MessagePart } from "./message.ts";
export { messagePartSchema, messageSchema } from "./message.ts";
export { PatternMatcher } from "./pattern-matcher.ts";
export type { Signal } from "./signal.ts";
export { signalSchema } from "./signal.ts";
export { formatTimetoken } from "./timetoken.ts";
export type { TokenClaims } from "./token-claims.ts";
export { tokenClaimsSchema } from "./token-claims.ts";
