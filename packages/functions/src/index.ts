export { AnywireError } from "@anywire/types";
export type {
  AfterOptions,
  AfterPublishOptions,
  Answer,
  BeforeOptions,
  BeforePublishOptions,
} from "./author/channel-functions.ts";
export {
  afterPresence,
  afterPublish,
  afterSignal,
  beforePublish,
  beforeSignal,
} from "./author/channel-functions.ts";
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
export { isFunctionDefinition } from "./author/definition.ts";
export type {
  EventDrafts,
  PresenceDraft,
  PublishDraft,
  RequestDraft,
  ScheduleDraft,
  SignalDraft,
  StoredDraft,
} from "./author/event-draft.ts";
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
  PublishKind,
  RequestEventInput,
  ScheduleEventInput,
  SignalEventInput,
  StoredInput,
} from "./author/events.ts";
export type {
  AfterAnswers,
  AfterDataEvent,
  AfterEditEvent,
  AfterMessageEvent,
  AfterPresenceEvent,
  AfterPublishEvent,
  AfterSignalEvent,
  BeforeAnswers,
  BeforeDataEvent,
  BeforeEditEvent,
  BeforeMessageEvent,
  BeforePublishEvent,
  BeforeSignalEvent,
  FunctionEvent,
  FunctionEvents,
  RequestEvent,
  ScheduleEvent,
} from "./author/function-events.ts";
export { FunctionFault } from "./author/function-fault.ts";
export type { ParamsOf } from "./author/request-binding.ts";
export type { RequestOptions } from "./author/request-function.ts";
export { onRequest } from "./author/request-function.ts";
export type { RespondHeaders, RespondInit } from "./author/respond.ts";
export type {
  AbortResult,
  BeforeResult,
  FunctionResult,
  OkResult,
  RerouteResult,
  ResponseResult,
} from "./author/results.ts";
export type { CronOptions, IntervalOptions, ScheduleHandler } from "./author/schedule-functions.ts";
export { onCron, onInterval } from "./author/schedule-functions.ts";
export type { ResultOf, RunFunctionOptions, TestRun } from "./author/testing/run-function.ts";
export { runFunction } from "./author/testing/run-function.ts";
export type { TestChannel, TestMessage } from "./author/testing/test-channels.ts";
export type { Moment } from "./author/testing/test-clock.ts";
export type {
  TestContext,
  TestContextOptions,
  TestLogLine,
} from "./author/testing/test-context.ts";
export { createTestContext } from "./author/testing/test-context.ts";
export type { TestFetch, TestRequest } from "./author/testing/test-fetch.ts";
export type { TestEntry } from "./author/testing/test-log.ts";
export type { TestSignal } from "./author/testing/test-publisher.ts";
export type { BeforeTrigger, ChannelTrigger, Trigger } from "./author/trigger.ts";
export { TRIGGERS } from "./author/trigger.ts";
