import { AnywireError } from "@anywire/types";

/** An error for what PubNub has and this platform does not: it names both that and what to do instead. */
export function unsupported(what: string, instead: string): AnywireError {
  return new AnywireError("unsupported", `${what} is not supported here: ${instead}`);
}

/** An error for an argument that is wrong. */
export function badArgument(method: string, what: string): AnywireError {
  return new AnywireError("bad_request", `${method}: ${what}`);
}
