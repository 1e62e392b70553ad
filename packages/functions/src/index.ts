export type {
  ActAs,
  FunctionChannels,
  FunctionContext,
  FunctionFetchInit,
  FunctionKeyValue,
  FunctionLog,
  FunctionPublished,
  FunctionPublishOptions,
  FunctionSecrets,
  KeepOptions,
  Kept,
  ListKeysOptions,
} from "./author/context.ts";
export type {
  FailurePolicy,
  FunctionDefinition,
  FunctionDescription,
  FunctionOptions,
} from "./author/definition.ts";
export type {
  ChannelEventInput,
  ChannelTypeOf,
  DataEventInput,
  EventInputs,
  FunctionMessage,
  FunctionTrace,
  MessageEventInput,
  MessageMeta,
  MetaOf,
  PresenceEventInput,
  RequestEventInput,
  ScheduleEventInput,
  SignalEventInput,
  StoredInput,
} from "./author/events.ts";
export type {
  AbortResult,
  BeforeResult,
  FunctionResult,
  OkResult,
  RerouteResult,
  ResponseResult,
} from "./author/results.ts";
export type { BeforeTrigger, ChannelTrigger, Trigger } from "./author/trigger.ts";
