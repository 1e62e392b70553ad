import { isChannelName, parseChannelName } from "@anywire/types";
import { describeValue } from "./describe-value.ts";
import type { EventInputs } from "./events.ts";
import { badResult } from "./function-fault.ts";
import { fromFunctionMessage } from "./function-message.ts";
import { checkResponse, fromWebResponse } from "./respond.ts";
import type { BeforeResult, OkResult, ResponseResult } from "./results.ts";
import { toJson } from "./to-json.ts";
import type { BeforeTrigger } from "./trigger.ts";

/** An event that something is held up for. */
type Held = EventInputs[BeforeTrigger];

const OK: OkResult = { type: "ok" };

/** What an event is about, as JSON: to be compared with what it is once the handler is done. */
export function contentOf(event: Held): string {
  return "message" in event
    ? toJson(event.message, "event.message")
    : toJson(event.data, "event.data");
}

/**
 * What a before function's handler returned, as a result. `was` is what the event was about before.
 * @throws {FunctionFault} `bad_result`
 */
export function readBeforeResult(event: Held, returned: unknown, was: string): BeforeResult {
  const result = returned === undefined ? OK : returned;
  switch (typeOf(result)) {
    case "ok":
      return { type: "ok", ...changeOf(event, result as OkResult, was) };
    case "abort":
      return { type: "abort", reason: reasonOf(result as { reason: unknown }) };
    case "reroute": {
      const channel = targetOf(event, result as { channel: unknown });
      return { type: "reroute", channel, ...changeOf(event, result as OkResult, was) };
    }
    default:
      throw unexpected(
        returned,
        "event.ok(), event.abort(reason), event.reroute(channel), or nothing",
      );
  }
}

/**
 * What the handler of an after function or a schedule returned, as a result.
 * @throws {FunctionFault} `bad_result`
 */
export function readAfterResult(returned: unknown): OkResult {
  if (returned === undefined || typeOf(returned) === "ok") return OK;
  throw unexpected(returned, "event.ok(), or nothing");
}

/**
 * What the handler of an HTTP function returned, as a result.
 * @throws {FunctionFault} `bad_result`
 */
export async function readResponse(returned: unknown): Promise<ResponseResult> {
  if (returned instanceof Response) return await fromWebResponse(returned);
  if (typeOf(returned) === "response") return checkResponse(returned as ResponseResult);
  throw unexpected(returned, "event.respond(body, { status, headers }), or a Response");
}

function typeOf(result: unknown): unknown {
  return typeof result === "object" && result !== null && "type" in result
    ? result.type
    : undefined;
}

function unexpected(returned: unknown, expected: string): Error {
  return badResult(`the function returned ${describeValue(returned)}; return ${expected}`);
}

/** What shall go on, unless that is what there was. */
function changeOf(
  event: Held,
  { changed }: Pick<OkResult, "changed">,
  was: string,
): Pick<OkResult, "changed"> {
  const isMessage = "message" in event;
  const json = changed === undefined ? contentOf(event) : toJson(changed, "what event.ok is given");
  if (json === was) return {};
  // As JSON has it, without functions, dates and the like: it leaves the thread.
  const plain: unknown = JSON.parse(json);
  return { changed: isMessage ? fromFunctionMessage(plain) : plain };
}

function reasonOf({ reason }: { readonly reason: unknown }): string {
  if (typeof reason === "string" && reason !== "") return reason;
  throw badResult(
    `event.abort was given ${describeValue(reason)}; give it a reason, a text that the sender sees`,
  );
}

function targetOf(event: Held, { channel }: { readonly channel: unknown }): string {
  if (event.kind === "edit" && "message" in event) {
    throw badResult(
      'event.reroute was called for an edit, which stays on the channel of its message; answer event.ok(), or bind the function to kinds: ["message"]',
    );
  }
  if (typeof channel !== "string" || !isChannelName(channel)) {
    throw badResult(
      `event.reroute was given ${describeValue(channel)}; give it a channel's name, such as ${event.platform}.group.lobby`,
    );
  }
  if (parseChannelName(channel).platform === event.platform) return channel;
  throw badResult(
    `event.reroute was given ${channel}, but nothing crosses platforms; give it a channel of ${event.platform}`,
  );
}
