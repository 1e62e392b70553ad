import { AnywireError, ERRORS, type ErrorCode, type Problem } from "@anywire/types";
import type { UploadAnswer } from "./upload-request.ts";

/** What a proxy in front of the server, or Node to who is too slow, answers by itself, without a problem of ours. */
const PLAIN_CODES = new Map<number, ErrorCode>([
  [408, "unavailable"],
  [413, "too_large"],
  [429, "rate_limited"],
  [502, "unavailable"],
  [503, "unavailable"],
  [504, "unavailable"],
]);

/** The error of an upload that was answered with one. */
export function toUploadError({ status, text }: UploadAnswer): AnywireError {
  const problem = parseJson(text) as Partial<Problem> | undefined;
  if (typeof problem?.code === "string" && problem.code in ERRORS) {
    const { code, detail = code, retryAfterMs, errors } = problem;
    const details = {
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(errors && { errors }),
    };
    return new AnywireError(code, detail, { details });
  }
  const message = `the upload was answered with status ${status} and no reason; check the server's URL and its proxy`;
  return new AnywireError(PLAIN_CODES.get(status) ?? "internal", message, { details: { status } });
}

/** The error of an upload that got no answer. */
export function toUnavailable(cause?: unknown): AnywireError {
  const message = "no answer from the server; check the connection and send the file again";
  return new AnywireError("unavailable", message, { cause });
}

/** Undefined when it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
