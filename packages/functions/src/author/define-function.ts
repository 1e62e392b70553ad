import { AnywireError } from "@anywire/types";
import { checkBinding } from "./check-binding.ts";
import { checkOptions } from "./check-options.ts";
import type { FunctionContext } from "./context.ts";
import { createEvent, RequestBodyError } from "./create-event.ts";
import {
  DEFINITION,
  type FunctionDefinition,
  type FunctionOptions,
  isBeforeTrigger,
} from "./definition.ts";
import { describeValue } from "./describe-value.ts";
import type { EventInputs } from "./events.ts";
import type { FunctionEvent } from "./function-events.ts";
import { contentOf, readAfterResult, readBeforeResult, readResponse } from "./read-result.ts";
import { respond } from "./respond.ts";
import type { FunctionResult } from "./results.ts";
import type { BeforeTrigger, Trigger } from "./trigger.ts";

/** What an author writes. What it returns is looked at when it has. */
export type Handler<K extends Trigger> = (
  event: FunctionEvent<K>,
  context: FunctionContext,
) => unknown;

/**
 * Makes a definition of any trigger; `beforePublish` and the like are this with types that fit.
 * @throws {AnywireError} `bad_request` that says which argument is wrong.
 */
export function defineFunction<K extends Trigger>(
  trigger: K,
  binding: unknown,
  handler: Handler<K>,
  options?: FunctionOptions,
): FunctionDefinition<K> {
  const bound = checkBinding(trigger, binding);
  if (typeof handler !== "function") {
    throw new AnywireError(
      "bad_request",
      `${trigger}: the second argument is ${describeValue(handler)}; it must be a function, (event, context) => …`,
    );
  }
  return {
    [DEFINITION]: true,
    trigger,
    binding: bound,
    options: checkOptions(trigger, options),
    run: (input, context) => run(trigger, handler as Handler<Trigger>, input, context),
  };
}

async function run(
  trigger: Trigger,
  handler: Handler<Trigger>,
  input: EventInputs[Trigger],
  context: FunctionContext,
): Promise<FunctionResult> {
  const event = createEvent(trigger, input);
  if (trigger === "onRequest") return await answer(handler, event, context);
  if (!isBeforeTrigger(trigger)) return readAfterResult(await handler(event, context));
  const held = event as FunctionEvent<BeforeTrigger>;
  const was = contentOf(held);
  return readBeforeResult(held, await handler(event, context), was);
}

async function answer(
  handler: Handler<Trigger>,
  event: FunctionEvent,
  context: FunctionContext,
): Promise<FunctionResult> {
  try {
    return await readResponse(await handler(event, context));
  } catch (thrown) {
    if (!(thrown instanceof RequestBodyError)) throw thrown;
    const { code, message: detail } = thrown;
    const problem = { type: "about:blank", title: "Bad Request", status: 400, code, detail };
    return respond(problem, {
      status: 400,
      headers: { "content-type": "application/problem+json" },
    });
  }
}
