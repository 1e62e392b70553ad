import { describeValue } from "../../author/describe-value.ts";
import { badResult } from "../../author/function-fault.ts";
import { isTooDeep, TOO_DEEP } from "../../author/json-depth.ts";
import type { FunctionResult, ResponseResult } from "../../author/results.ts";
import { toJson } from "../../author/to-json.ts";

/** More than any message may have, characters of JSON. */
const MAX_CHANGED_CHARS = 4 * 1024 * 1024;
/** More than any answer may have, bytes. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const MAX_REASON_CHARS = 2_000;

/**
 * A result that can leave the thread: nothing in it that cannot be cloned, nor more than the other side may be asked to hold.
 * @throws {FunctionFault} `bad_result`
 */
export function toPlainResult(result: FunctionResult): FunctionResult {
  switch (result?.type) {
    case "ok":
      return { type: "ok", ...plainChange(result.changed) };
    case "abort":
      return { type: "abort", reason: String(result.reason).slice(0, MAX_REASON_CHARS) };
    case "reroute":
      return { type: "reroute", channel: String(result.channel), ...plainChange(result.changed) };
    case "response":
      return plainResponse(result);
    default:
      throw badResult(`the function's result is ${describeValue(result)}, which is none`);
  }
}

function plainChange(changed: unknown): { changed?: unknown } {
  if (changed === undefined) return {};
  const json = toJson(changed, "what goes on");
  if (json.length > MAX_CHANGED_CHARS) {
    throw badResult(
      `what goes on has ${json.length} characters of JSON; ${MAX_CHANGED_CHARS} are the most`,
    );
  }
  if (isTooDeep(json)) throw badResult(`what goes on is ${TOO_DEEP}`);
  return { changed: JSON.parse(json) };
}

function plainResponse({ status, headers, body }: ResponseResult): ResponseResult {
  if (!(body instanceof Uint8Array)) {
    throw badResult(`the body of the answer is ${describeValue(body)}, not bytes`);
  }
  if (body.byteLength > MAX_BODY_BYTES) {
    throw badResult(`the answer has ${body.byteLength} bytes; ${MAX_BODY_BYTES} are the most`);
  }
  return {
    type: "response",
    status: Number(status),
    headers: headers.map(([name, value]) => [String(name), String(value)] as const),
    // A copy: a small Buffer is a view on a large one, which would be cloned as a whole.
    body: new Uint8Array(body),
  };
}
