import { AnywireError } from "@anywire/types";
import type { Failure } from "./storage-failure.ts";

/** The error that callers see of what failed in a thread. */
export function toError(failure: Failure): AnywireError {
  return new AnywireError(failure.code, failure.message);
}
