import type {
  DataEventInput,
  FunctionMessage,
  MessageEventInput,
  PresenceEventInput,
  PublishKind,
  RequestEventInput,
  ScheduleEventInput,
  SignalEventInput,
  StoredInput,
} from "./events.ts";
import type { ParamsOf } from "./request-binding.ts";
import type { RespondInit } from "./respond.ts";
import type { AbortResult, OkResult, RerouteResult, ResponseResult } from "./results.ts";
import type { Trigger } from "./trigger.ts";

/** What a function can say of what it is run before. `C` is what can be given on in its place. */
export interface BeforeAnswers<C> {
  /** It may go on, as it is now, or as `changed`. The same as to return nothing. */
  ok(changed?: C): OkResult;
  /** It ends here; its sender gets the reason. */
  abort(reason: string): AbortResult;
  /** It goes to another channel of the platform, whose functions see it then. An edit can't. */
  reroute(channel: string, changed?: C): RerouteResult;
}

/** What a function can say of what has happened. */
export interface AfterAnswers {
  /** It is done. The same as to return nothing. */
  ok(): OkResult;
}

/** A message that is about to be stored. */
export interface BeforeMessageEvent<T extends string = string>
  extends MessageEventInput<T>,
    BeforeAnswers<Partial<FunctionMessage<T>>> {
  readonly kind: "message";
}

/** A new version of a message that is about to be stored; `message` is what it shall say. */
export interface BeforeEditEvent<T extends string = string>
  extends MessageEventInput<T>,
    BeforeAnswers<Partial<FunctionMessage<T>>> {
  readonly kind: "edit";
  readonly target: string;
}

/** JSON that is no message, and is about to be stored. */
export interface BeforeDataEvent<T extends string = string>
  extends DataEventInput<T>,
    BeforeAnswers<unknown> {}

/** What `beforePublish` gives its handler, by the kinds it is run for. */
export type BeforePublishEvent<
  T extends string = string,
  K extends PublishKind = "message" | "edit",
> = K extends "data"
  ? BeforeDataEvent<T>
  : K extends "edit"
    ? BeforeEditEvent<T>
    : BeforeMessageEvent<T>;

/** A signal that is about to be told. */
export interface BeforeSignalEvent<T extends string = string>
  extends SignalEventInput<T>,
    BeforeAnswers<unknown> {}

/** A message that is stored. */
export interface AfterMessageEvent<T extends string = string>
  extends MessageEventInput<T>,
    StoredInput,
    AfterAnswers {
  readonly kind: "message";
}

/** A new version of a message that is stored; `message` is what it says now. */
export interface AfterEditEvent<T extends string = string>
  extends MessageEventInput<T>,
    StoredInput,
    AfterAnswers {
  readonly kind: "edit";
  readonly target: string;
}

/** JSON that is no message, and is stored. */
export interface AfterDataEvent<T extends string = string>
  extends DataEventInput<T>,
    StoredInput,
    AfterAnswers {}

/** What `afterPublish` gives its handler, by the kinds it is run for. */
export type AfterPublishEvent<
  T extends string = string,
  K extends PublishKind = "message" | "edit",
> = K extends "data"
  ? AfterDataEvent<T>
  : K extends "edit"
    ? AfterEditEvent<T>
    : AfterMessageEvent<T>;

/** A signal that was told. */
export interface AfterSignalEvent<T extends string = string>
  extends SignalEventInput<T>,
    AfterAnswers {}

/** A connection that came or left. */
export interface AfterPresenceEvent<T extends string = string>
  extends PresenceEventInput<T>,
    AfterAnswers {}

/** An HTTP request. `B` is what the function is bound to, such as `POST /tickets/:id`. */
export interface RequestEvent<B extends string = string> extends RequestEventInput {
  /** What stands in the path where the function's own has `:name`, decoded; `*` is the rest of it. */
  readonly params: Readonly<Record<ParamsOf<B>, string>>;
  /** What follows the question mark. */
  readonly query: URLSearchParams;
  /** The body as text, UTF-8. */
  text(): Promise<string>;
  /** The body as JSON. One that is none is answered with 400, unless the handler catches what this throws. */
  json<V = unknown>(): Promise<V>;
  /** The body, as `body` has it. */
  bytes(): Promise<Uint8Array>;
  /**
   * An answer: a text, bytes, or anything else as JSON; without a body its status is 204, otherwise 200, unless `init` says more.
   * @throws {FunctionFault} `bad_result` when the status, a header or the body can't be sent.
   */
  respond(body?: unknown, init?: RespondInit): ResponseResult;
}

/** A moment that was waited for. */
export interface ScheduleEvent extends ScheduleEventInput, AfterAnswers {}

/** What handlers get, by trigger. */
export interface FunctionEvents {
  beforePublish: BeforePublishEvent<string, PublishKind>;
  beforeSignal: BeforeSignalEvent;
  afterPublish: AfterPublishEvent<string, PublishKind>;
  afterSignal: AfterSignalEvent;
  afterPresence: AfterPresenceEvent;
  onRequest: RequestEvent;
  onInterval: ScheduleEvent;
  onCron: ScheduleEvent;
}

/** What a handler of any trigger gets. */
export type FunctionEvent<K extends Trigger = Trigger> = FunctionEvents[K];
