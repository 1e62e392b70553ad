import type { Principal } from "@anywire/core";

/** In whose name functions do what they name nobody for. */
const ACCOUNT = "functions";

/** Who a function is to the model: it may do everything on its platform, in the name of an account. */
export function functionPrincipal(platform: string, accountId = ACCOUNT): Principal {
  const all = [`${platform}.>`];
  return {
    accountId,
    platform,
    patterns: { subscribe: all, publish: all, manage: all },
    expiresAt: Number.POSITIVE_INFINITY,
  };
}
