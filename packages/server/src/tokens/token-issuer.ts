import { AnywireError, tokenClaimsSchema } from "@anywire/types";
import { type JWTPayload, SignJWT } from "jose";
import type { TokensConfig } from "../config/config.ts";
import type { KeySet } from "./key-set.ts";

/** What a token is to say. */
export interface TokenRequest {
  readonly accountId: string;
  readonly platform: string;
  /** Channel patterns; none when left out. */
  readonly subscribe?: readonly string[];
  readonly publish?: readonly string[];
  readonly manage?: readonly string[];
  /** How long it is good for, seconds from 1. Default: `tokens.defaultTtlSeconds`. */
  readonly ttlSeconds?: number;
}

/** Makes tokens. */
export interface TokenIssuer {
  /**
   * Makes a token for a connection or a request.
   * @throws {AnywireError} `bad_request` when the request makes no valid claims, `unsupported` when no key signs.
   */
  issue(request: TokenRequest): Promise<string>;
}

/** What the configuration says about tokens made here. */
export type IssuerConfig = Pick<TokensConfig, "issuer" | "audience" | "defaultTtlSeconds">;

/** Makes tokens with the signing key of a key set. */
export function createTokenIssuer(keySet: KeySet, config: IssuerConfig): TokenIssuer {
  return {
    issue: async (request) => {
      const signer = keySet.signingKey;
      if (signer?.signKey === undefined) {
        throw new AnywireError(
          "unsupported",
          "there is no private key here to sign tokens with; let its owner make them, or add one with `anywire keys add`",
        );
      }
      const token = new SignJWT(claimsOf(request, config)).setProtectedHeader({
        alg: signer.algorithm,
        typ: "JWT",
        ...(signer.publicJwk && { kid: signer.kid }),
      });
      return token.sign(signer.signKey);
    },
  };
}

function claimsOf(
  { accountId, platform, subscribe, publish, manage, ttlSeconds }: TokenRequest,
  { issuer, audience, defaultTtlSeconds }: IssuerConfig,
): JWTPayload {
  const now = Math.floor(Date.now() / 1000);
  const ttl = ttlSeconds ?? defaultTtlSeconds;
  if (!(ttl >= 1)) throw refusal("it must be good for a second at least");
  const claims: JWTPayload = {
    ...(issuer !== undefined && { iss: issuer }),
    ...(audience !== undefined && { aud: audience }),
    sub: accountId,
    platform,
    ...(subscribe && { subscribe }),
    ...(publish && { publish }),
    ...(manage && { manage }),
    iat: now,
    exp: now + ttl,
  };
  const { error } = tokenClaimsSchema.safeParse(claims);
  if (error === undefined) return claims;
  throw refusal(error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; "));
}

function refusal(reason: string): AnywireError {
  return new AnywireError("bad_request", `such a token can't be made: ${reason}`);
}
