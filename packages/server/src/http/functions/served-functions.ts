import type { Deployments, FunctionHost } from "@anywire/functions/runtime";

/** The functions of a server, as its HTTP edge sees them. */
export interface ServedFunctions {
  readonly host: Pick<FunctionHost, "request" | "list" | "trial" | "deadLetters" | "replay">;
  readonly deployments: Deployments;
  /** Whether this process runs those that run after something. */
  readonly runsAfter: boolean;
}
