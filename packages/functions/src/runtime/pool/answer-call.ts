import { AnywireError, toAnywireError } from "@anywire/types";
import { isTooDeep, TOO_DEEP } from "../../author/json-depth.ts";
import type { HostCalls } from "../run.ts";
import type { CallAnswer, CallAsked } from "../worker/worker-messages.ts";
import type { PoolRun } from "./pool-run.ts";

/** Has the host answer a call of a run. Never rejects. */
export async function answerCall(
  calls: HostCalls,
  { start, request: { name } }: PoolRun,
  { id, index, method, args }: CallAsked,
): Promise<CallAnswer> {
  const { platform, trace, key } = start;
  try {
    // A worker sees to that itself, unless its functions have got the better of it.
    if (isTooDeep(args)) throw new AnywireError("too_large", `${method}: it is ${TOO_DEEP}`);
    const origin = { name, platform, trace, key, index };
    return { id, value: await calls(origin, method, JSON.parse(args) as readonly unknown[]) };
  } catch (thrown) {
    const { code, message, details } = toAnywireError(thrown);
    return { id, error: { code, message, details } };
  }
}

/** The answer to a call of a run that is over. */
export function tooLate({ id }: CallAsked): CallAnswer {
  const message = "the run is over; await what you begin before you return";
  return { id, error: { code: "unavailable", message, details: {} } };
}
