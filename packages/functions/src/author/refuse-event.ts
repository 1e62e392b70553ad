import { AnywireError } from "@anywire/types";

/** An event that a function would never be run for, or that is none. */
export function refused(why: string, cause?: unknown): AnywireError {
  return new AnywireError("bad_request", `the event does not fit: ${why}`, { cause });
}

/** Does what may find fault with a part of an event. @throws {AnywireError} `bad_request` with its words */
export function refusing<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw refused(cause instanceof Error ? cause.message : String(cause), cause);
  }
}
