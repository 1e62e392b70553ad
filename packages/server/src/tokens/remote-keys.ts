import { AnywireError } from "@anywire/types";
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from "jose";

/** Waits this long for the identity provider, ms. */
const FETCH_TIMEOUT_MS = 5000;

/** Faults of the token rather than of the key set. */
const TOKEN_FAULTS = [
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
  errors.JOSENotSupported,
];

/**
 * Finds keys in the JWK set of an identity provider. The set is fetched on first use and kept; an unknown
 * `kid` fetches it again, at most every 30 seconds, so that forged tokens can't make it be fetched at will.
 * The returned function rejects with `unavailable` when the set can't be fetched.
 */
export function createRemoteKeys(jwksUrl: string): JWTVerifyGetKey {
  const find = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: FETCH_TIMEOUT_MS });
  return async (header, token) => {
    try {
      return await find(header, token);
    } catch (error) {
      if (TOKEN_FAULTS.some((fault) => error instanceof fault)) throw error;
      throw new AnywireError(
        "unavailable",
        "the keys of the identity provider can't be fetched; try again",
        { cause: error },
      );
    }
  };
}
