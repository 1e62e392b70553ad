import type { Principal } from "@anywire/core";
import { AnywireError, matchesPattern, patternTokens } from "@anywire/types";
import type { Context } from "hono";
import { authenticate, type TokenChecker } from "../bearer-token.ts";

/** Where decisions about functions are kept: whoever may manage it may make them. */
const DEPLOYMENTS_CHANNEL = "anywire.system.deployments";

/**
 * Who makes a request about functions, which are those of all platforms.
 * @throws {AnywireError} `unauthenticated`, `token_expired`; `permission_denied` for whoever may not manage them.
 */
export async function authenticateOperator(
  context: Context,
  verifier: TokenChecker,
): Promise<Principal> {
  const principal = await authenticate(context, verifier);
  if (mayManageFunctions(principal)) return principal;
  throw new AnywireError(
    "permission_denied",
    `functions are managed with a token of platform anywire whose manage pattern names system and covers ${DEPLOYMENTS_CHANNEL}, such as anywire.system.*`,
  );
}

/** A wide pattern such as `anywire.>` is not meant to let code in. */
function mayManageFunctions({ platform, patterns }: Principal): boolean {
  return (
    platform === "anywire" &&
    patterns.manage.some(
      (pattern) =>
        patternTokens(pattern)[1] === "system" && matchesPattern(pattern, DEPLOYMENTS_CHANNEL),
    )
  );
}
