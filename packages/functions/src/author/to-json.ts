import { describeValue } from "./describe-value.ts";
import { badResult } from "./function-fault.ts";

/**
 * A value as JSON text. `what` begins the sentence that is thrown when it is none.
 * @throws {FunctionFault} `bad_result`
 */
export function toJson(value: unknown, what: string): string {
  let json: string | undefined;
  let cause: unknown;
  try {
    json = JSON.stringify(value);
  } catch (thrown) {
    cause = thrown;
  }
  if (json !== undefined) return json;
  const why = cause instanceof Error ? ` (${cause.message.split("\n")[0]})` : "";
  throw badResult(`${what} must be JSON, not ${describeValue(value)}${why}`, { cause });
}
