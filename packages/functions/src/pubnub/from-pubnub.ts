import { AnywireError } from "@anywire/types";
import type { FunctionContext } from "../author/context.ts";
import { defineFunction } from "../author/define-function.ts";
import {
  type FunctionDefinition,
  type FunctionOptions,
  isBeforeTrigger,
  isChannelTrigger,
} from "../author/definition.ts";
import { describeValue } from "../author/describe-value.ts";
import type { EventInputs } from "../author/events.ts";
import type { BeforeAnswers, FunctionEvent, RequestEvent } from "../author/function-events.ts";
import { badResult } from "../author/function-fault.ts";
import type { BeforeResult, FunctionResult, OkResult } from "../author/results.ts";
import { toJson } from "../author/to-json.ts";
import type { BeforeTrigger, ChannelTrigger, Trigger } from "../author/trigger.ts";
import { channelRequest, type PubNubRequest } from "./channel-request.ts";
import { runAsCurrent } from "./current-run.ts";
import {
  httpRequest,
  httpResponse,
  type PubNubHttpRequest,
  type PubNubHttpResponse,
} from "./http-request.ts";
import { type Outcome, type PubNubAnswers, withAnswers } from "./outcome.ts";
import { fromPubNubMessage } from "./pubnub-message.ts";

/** What a handler written for PubNub is bound to: what a PubNub account says beside its code. */
export interface FromPubNub<K extends Trigger = Trigger> {
  readonly trigger: K;
  /** As for the factory of that trigger: a channel pattern, a route such as `/tickets/:id`, an interval such as `10m`. */
  readonly binding: string | number;
  /** As for the factory of that trigger. */
  readonly options?: FunctionOptions;
}

/** A handler written for PubNub: what it gets depends on the trigger. */
export type PubNubHandler<K extends Trigger = Trigger, M = unknown> = K extends ChannelTrigger
  ? (request: PubNubRequest<M>) => unknown
  : K extends "onRequest"
    ? (request: PubNubHttpRequest, response: PubNubHttpResponse) => unknown
    : (event: PubNubAnswers) => unknown;

/**
 * Makes a function of a handler that was written for PubNub Functions. It runs as it does there, with these defaults: a publish
 * trigger is for messages, edits and data, since all of them are published there; an HTTP function asks for no token.
 *
 * ```ts
 * import { fromPubNub } from "@anywire/functions/pubnub";
 *
 * export default fromPubNub({ trigger: "beforePublish", binding: "*.group.*" }, async (request) => {
 *   return request.ok();
 * });
 * ```
 * @throws {AnywireError} `bad_request` that says which argument is wrong.
 */
export function fromPubNub<K extends Trigger, M = unknown>(
  { trigger, binding, options }: FromPubNub<K>,
  handler: PubNubHandler<K, M>,
): FunctionDefinition<K> {
  if (typeof handler !== "function") {
    throw new AnywireError(
      "bad_request",
      `the handler is ${describeValue(handler)}; it must be a function, (request) => request.ok()`,
    );
  }
  const bound = trigger === "onRequest" ? withSlash(String(binding)) : binding;
  const work = handler as AnyHandler;
  return defineFunction(
    trigger,
    bound,
    (event, context) => runAsCurrent(context, () => handle(trigger, work, event, context)),
    { ...DEFAULTS[trigger], ...options },
  );
}

/** Takes whatever its trigger gives it. */
type AnyHandler = (request: unknown, response?: unknown) => unknown;

const EVERYTHING: FunctionOptions = { kinds: ["message", "edit", "data"] };

const DEFAULTS: Readonly<Partial<Record<Trigger, FunctionOptions>>> = {
  beforePublish: EVERYTHING,
  afterPublish: EVERYTHING,
  onRequest: { auth: "none" },
};

/** A route as PubNub's portal takes it has no slash in front. */
function withSlash(route: string): string {
  const [, method = "", path = ""] = /^(\S+ +)?(.*)$/.exec(route) ?? [];
  return path.startsWith("/") ? route : `${method}/${path}`;
}

async function handle(
  trigger: Trigger,
  handler: AnyHandler,
  event: FunctionEvent,
  context: FunctionContext,
): Promise<FunctionResult> {
  if (trigger === "onRequest") return answer(handler, event as RequestEvent, context);
  if (!isChannelTrigger(trigger)) return finish(handler, {}, context);
  const input = event as EventInputs[ChannelTrigger];
  const request = channelRequest(trigger, input, context);
  if (!isBeforeTrigger(trigger)) return finish(handler, request, context);
  return hold(handler, input as Held, request);
}

async function answer(
  handler: AnyHandler,
  event: RequestEvent,
  context: FunctionContext,
): Promise<FunctionResult> {
  const { response, result } = httpResponse();
  await handler(httpRequest(event, context.platform), response);
  return result();
}

/** Runs the handler of something that has happened. It is not run again when it aborts: PubNub does not either. */
async function finish(
  handler: AnyHandler,
  fields: object,
  { log }: FunctionContext,
): Promise<OkResult> {
  const { request, outcome } = withAnswers(fields);
  await handler(request);
  const said = outcome();
  if (said?.type === "abort") log.warn(`aborted: ${said.reason}`);
  if (said === undefined) {
    log.warn("the handler ended without ok() or abort(); what it still does is cut off");
  }
  return { type: "ok" };
}

type Held = EventInputs[BeforeTrigger] & BeforeAnswers<unknown>;

/** Runs the handler of something that waits for it. */
async function hold(
  handler: AnyHandler,
  event: Held,
  fields: { message: unknown },
): Promise<BeforeResult> {
  const was = toJson(fields.message, "request.message");
  const { request, outcome } = withAnswers(fields);
  await handler(request);
  const said: Outcome | undefined = outcome();
  if (said === undefined) {
    throw badResult(
      "the handler ended without an answer; return request.ok() or request.abort(reason), or the promise that leads to it",
    );
  }
  if (said.type === "abort") return event.abort(said.reason);
  // Looked at now: a handler may call ok() first and change the message then.
  if (toJson(request.message, "request.message") === was) return event.ok();
  if (!("message" in event)) return event.ok(request.message);
  return event.ok(fromPubNubMessage(request.message, event.message.meta));
}
