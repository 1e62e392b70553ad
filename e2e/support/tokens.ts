import { type JWTPayload, SignJWT } from "jose";
import type { KeySet } from "../../packages/server/src/tokens/key-set.ts";

/** What a token says unless a test says otherwise: everything on platform `production` is allowed. */
export function claimsOf(accountId: string, more: JWTPayload = {}): JWTPayload {
  const all = ["production.>"];
  return {
    sub: accountId,
    platform: "production",
    subscribe: all,
    publish: all,
    manage: all,
    exp: inSeconds(3600),
    ...more,
  };
}

/** A token with any claims, also such as the server would never make. */
export function signToken(keySet: KeySet, claims: JWTPayload): Promise<string> {
  const { signingKey } = keySet;
  if (signingKey?.signKey === undefined) throw new Error("this key set can't sign");
  const { algorithm, kid, signKey } = signingKey;
  return new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid }).sign(signKey);
}

/** The time so many seconds from now, as claims have it. */
export function inSeconds(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}
