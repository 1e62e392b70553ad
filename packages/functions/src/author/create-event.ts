import { AnywireError } from "@anywire/types";
import { isBeforeTrigger } from "./definition.ts";
import type { EventInputs, RequestEventInput } from "./events.ts";
import type {
  AfterAnswers,
  BeforeAnswers,
  FunctionEvent,
  RequestEvent,
} from "./function-events.ts";
import { respond } from "./respond.ts";
import type { Trigger } from "./trigger.ts";

/** A body that is no JSON, though the function asked for it as such: the fault of who sent the request. */
export class RequestBodyError extends AnywireError {}

const decoder = new TextDecoder();

// On prototypes: an event costs no closures, and is plain data to `JSON.stringify` and `structuredClone`.
// The answers use no `this`, so that a handler can take them out: `({ message, ok, abort }) => …`.
const BEFORE: BeforeAnswers<unknown> = {
  ok: (changed) => (changed === undefined ? { type: "ok" } : { type: "ok", changed }),
  abort: (reason) => ({ type: "abort", reason }),
  reroute: (channel, changed) => ({
    type: "reroute",
    channel,
    ...(changed !== undefined && { changed }),
  }),
};

const AFTER: AfterAnswers = { ok: () => ({ type: "ok" }) };

type RequestMethods = Pick<RequestEvent, "query" | "text" | "json" | "bytes" | "respond">;

const REQUEST: RequestMethods & ThisType<RequestEventInput> = {
  get query() {
    return new URL(this.url).searchParams;
  },
  async text() {
    return decoder.decode(this.body);
  },
  async json<V>() {
    try {
      return JSON.parse(decoder.decode(this.body)) as V;
    } catch (cause) {
      const message = "the body of the request is no JSON; send JSON";
      throw new RequestBodyError("bad_request", message, { cause });
    }
  },
  async bytes() {
    return this.body;
  },
  respond,
};

/** What a handler gets of an event that came as data: the same, with what it can answer. */
export function createEvent<K extends Trigger>(
  trigger: K,
  input: EventInputs[K],
): FunctionEvent<K> {
  return Object.assign(Object.create(answersOf(trigger)), input);
}

function answersOf(trigger: Trigger): object {
  if (trigger === "onRequest") return REQUEST;
  return isBeforeTrigger(trigger) ? BEFORE : AFTER;
}
