import type { FunctionContext } from "./context.ts";
import { defineFunction } from "./define-function.ts";
import type { FunctionDefinition, FunctionOptions } from "./definition.ts";
import type { ChannelTypeOf, PublishKind } from "./events.ts";
import type {
  AfterPresenceEvent,
  AfterPublishEvent,
  AfterSignalEvent,
  BeforePublishEvent,
  BeforeSignalEvent,
} from "./function-events.ts";
import type { BeforeResult, OkResult } from "./results.ts";

/** What a handler may return: a result, or nothing for ok, now or later. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is written without `return`
export type Answer<R> = R | void | Promise<R | void>;

/** Options of a function that runs before signals. */
export type BeforeOptions = Pick<FunctionOptions, "deadlineMs" | "onFailure">;

/** Options of a function that runs before entries. */
export interface BeforePublishOptions<K extends PublishKind = PublishKind> extends BeforeOptions {
  /** What it is run for. Default messages and their edits. */
  readonly kinds?: readonly K[];
}

/** Options of a function that runs after signals, joins and leaves. */
export type AfterOptions = Pick<
  FunctionOptions,
  "deadlineMs" | "maxAttempts" | "minBackoffMs" | "maxBackoffMs"
>;

/** Options of a function that runs after entries. */
export interface AfterPublishOptions<K extends PublishKind = PublishKind> extends AfterOptions {
  /** What it is run for. Default messages and their edits. */
  readonly kinds?: readonly K[];
}

/**
 * A function that runs in the way of each message on the channels of a pattern, and of each edit, before it is stored: it lets it
 * pass, changes it, refuses it or sends it elsewhere. The sender waits meanwhile.
 *
 * ```ts
 * import { beforePublish } from "@anywire/functions";
 *
 * export default beforePublish("*.sms.*", (event) => {
 *   if (event.message.text.length > 1600) return event.abort("too long for SMS");
 *   event.message.text = event.message.text.trim();
 * });
 * ```
 * @throws {AnywireError} `bad_request` that says which argument is wrong.
 */
export function beforePublish<
  const P extends string,
  const K extends PublishKind = "message" | "edit",
>(
  pattern: P,
  handler: (
    event: BeforePublishEvent<ChannelTypeOf<P>, K>,
    context: FunctionContext,
  ) => Answer<BeforeResult>,
  options?: BeforePublishOptions<K>,
): FunctionDefinition<"beforePublish"> {
  return defineFunction("beforePublish", pattern, handler as never, options);
}

/**
 * A function that runs in the way of each signal, such as typing, on the channels of a pattern.
 *
 * ```ts
 * export default beforeSignal("*.group.*", (event) => {
 *   if (event.kind === "typing" && event.accountId === "bot") return event.abort("bots do not type");
 * });
 * ```
 * @throws {AnywireError} `bad_request` that says which argument is wrong.
 */
export function beforeSignal<const P extends string>(
  pattern: P,
  handler: (
    event: BeforeSignalEvent<ChannelTypeOf<P>>,
    context: FunctionContext,
  ) => Answer<BeforeResult>,
  options?: BeforeOptions,
): FunctionDefinition<"beforeSignal"> {
  return defineFunction("beforeSignal", pattern, handler as never, options);
}

/**
 * A function that runs for each message on the channels of a pattern, and for each edit, once it is stored: at least once, in
 * order on each channel. When it throws, it is run again after a growing wait, and given up in the end.
 *
 * ```ts
 * export default afterPublish("*.whatsapp.*", async (event, { fetch, secrets }) => {
 *   const url = await secrets.get("WEBHOOK_URL");
 *   const answer = await fetch(url ?? "", { method: "POST", body: JSON.stringify(event) });
 *   if (!answer.ok) throw new Error(`the webhook answered ${answer.status}`);
 * });
 * ```
 * @throws {AnywireError} `bad_request` that says which argument is wrong.
 */
export function afterPublish<
  const P extends string,
  const K extends PublishKind = "message" | "edit",
>(
  pattern: P,
  handler: (
    event: AfterPublishEvent<ChannelTypeOf<P>, K>,
    context: FunctionContext,
  ) => Answer<OkResult>,
  options?: AfterPublishOptions<K>,
): FunctionDefinition<"afterPublish"> {
  return defineFunction("afterPublish", pattern, handler as never, options);
}

/**
 * A function that runs for each signal on the channels of a pattern, once it was told: at least once.
 *
 * ```ts
 * export default afterSignal("*.direct.*", async (event, { kv }) => {
 *   if (event.kind === "typing") await kv.increment(`typing.${event.accountId}`);
 * });
 * ```
 * @throws {AnywireError} `bad_request` that says which argument is wrong.
 */
export function afterSignal<const P extends string>(
  pattern: P,
  handler: (
    event: AfterSignalEvent<ChannelTypeOf<P>>,
    context: FunctionContext,
  ) => Answer<OkResult>,
  options?: AfterOptions,
): FunctionDefinition<"afterSignal"> {
  return defineFunction("afterSignal", pattern, handler as never, options);
}

/**
 * A function that runs for each connection that comes to a channel of a pattern or leaves it: at least once.
 *
 * ```ts
 * export default afterPresence("*.group.*", async (event, { publish }) => {
 *   if (event.action === "join") await publish(event.channel, `Welcome, ${event.accountId}`);
 * });
 * ```
 * @throws {AnywireError} `bad_request` that says which argument is wrong.
 */
export function afterPresence<const P extends string>(
  pattern: P,
  handler: (
    event: AfterPresenceEvent<ChannelTypeOf<P>>,
    context: FunctionContext,
  ) => Answer<OkResult>,
  options?: AfterOptions,
): FunctionDefinition<"afterPresence"> {
  return defineFunction("afterPresence", pattern, handler as never, options);
}
