import type { FunctionContext } from "./context.ts";
import { defineFunction } from "./define-function.ts";
import type { FunctionDefinition, FunctionOptions } from "./definition.ts";
import type { RequestEvent } from "./function-events.ts";
import type { ResponseResult } from "./results.ts";

/** Options of an HTTP function. */
export type RequestOptions = Pick<FunctionOptions, "deadlineMs" | "auth" | "platform">;

/**
 * An HTTP endpoint below `/functions`. It is bound to a method, `*` for any, and a path, in which `:name` is one segment and a
 * final `*` the rest. A request needs the token of an account, unless `auth` is `none`.
 *
 * ```ts
 * import { onRequest } from "@anywire/functions";
 *
 * export default onRequest("POST /tickets/:id", async (event, { publish }) => {
 *   const { text } = await event.json<{ text: string }>();
 *   const { offset } = await publish(`production.group.${event.params.id}`, text);
 *   return event.respond({ offset }, { status: 201 });
 * });
 * ```
 * @throws {AnywireError} `bad_request` that says which argument is wrong.
 */
export function onRequest<const B extends string>(
  binding: B,
  handler: (
    event: RequestEvent<B>,
    context: FunctionContext,
  ) => ResponseResult | Response | Promise<ResponseResult | Response>,
  options?: RequestOptions,
): FunctionDefinition<"onRequest"> {
  return defineFunction("onRequest", binding, handler as never, options);
}
