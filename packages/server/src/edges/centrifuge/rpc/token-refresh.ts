import { AnywireError, type TokenRefreshAnswer, tokenRefreshRpcSchema } from "@anywire/types";
import { parseParams } from "../commands/parse-params.ts";
import { takeToken } from "../commands/refresh.ts";
import type { Session } from "../session.ts";

/**
 * `token.refresh`: what the protocol's `refresh` does, for clients that do it before it is due. Here a token that is no good
 * is refused, and the connection goes on with the one it has.
 */
export async function tokenRefresh(session: Session, data: unknown): Promise<TokenRefreshAnswer> {
  const { token } = parseParams(tokenRefreshRpcSchema, data);
  const fresh = await takeToken(session, token);
  if (fresh !== null) {
    return { expiresAt: Number.isFinite(fresh.expiresAt) ? fresh.expiresAt : null };
  }
  throw new AnywireError("unauthenticated", "the token is no good for this connection's account");
}
