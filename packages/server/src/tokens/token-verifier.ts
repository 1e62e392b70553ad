import {
  AnywireError,
  accountIdSchema,
  channelPatternSchema,
  platformOf,
  type TokenClaims,
  tokenClaimsSchema,
} from "@anywire/types";
import {
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
  type ProtectedHeaderParameters,
} from "jose";
import { z } from "zod";
import type { TokensConfig } from "../config/config.ts";
import type { KeySet } from "./key-set.ts";
import { createRemoteKeys } from "./remote-keys.ts";
import { refuseToken, toTokenError } from "./token-faults.ts";
import type { TokenKey } from "./token-key.ts";

/** Checks tokens. Keys are imported once; a check takes no I/O, save when an identity provider's keys are fetched. */
export interface TokenVerifier {
  /**
   * The claims of a token for a connection or a request.
   * @throws {AnywireError} `token_expired` when it was good and has run out; `unauthenticated` for every other
   * fault, in a sentence that is safe to show; `unavailable` when the identity provider's keys can't be fetched.
   */
  verify(token: string): Promise<TokenClaims>;
  /**
   * The claims of a token that allows one account one subscription.
   * @throws {AnywireError} as `verify`.
   */
  verifySubscription(token: string): Promise<SubscriptionClaims>;
}

/**
 * The claims of a subscription token.
 * @see https://centrifugal.dev/docs/server/channel_token_auth
 */
export interface SubscriptionClaims {
  /** The account it was made for. */
  readonly sub: string;
  /** The channel, or the pattern, that it may subscribe to. */
  readonly channel: string;
  /** The channel's platform. */
  readonly platform: string;
  /** When the subscription runs out, seconds since the Unix epoch. Never, when absent. */
  readonly exp?: number;
}

/** Which tokens are good. */
export type TokenRules = Pick<
  TokensConfig,
  "issuer" | "audience" | "algorithms" | "jwksUrl" | "clockToleranceSeconds"
>;

const connectionSchema = tokenClaimsSchema.refine(
  ({ channel }) => channel === undefined,
  "for a subscription; use one without the channel claim",
);

const subscriptionSchema = z
  .object({
    sub: accountIdSchema,
    channel: channelPatternSchema,
    platform: z.string().optional(),
    exp: z.int().optional(),
  })
  .refine(({ channel, platform }) => platform === undefined || platform === platformOf(channel), {
    path: ["platform"],
    error: "must be the channel's platform",
  });

/** Checks tokens with a key set, and with the keys of an identity provider when the rules name one. */
export function createTokenVerifier(keySet: KeySet, rules: TokenRules): TokenVerifier {
  const checker = new TokenChecker(keySet, rules);
  return {
    verify: (token) => checker.check(token, connectionSchema),
    verifySubscription: async (token) => {
      const { sub, channel, exp } = await checker.check(token, subscriptionSchema);
      const claims = { sub, channel, platform: platformOf(channel) };
      return exp === undefined ? claims : { ...claims, exp };
    },
  };
}

class TokenChecker {
  readonly #keySet: KeySet;
  readonly #remoteKeys: JWTVerifyGetKey | undefined;
  readonly #algorithms: readonly string[];
  readonly #options: JWTVerifyOptions;

  constructor(keySet: KeySet, rules: TokenRules) {
    this.#keySet = keySet;
    this.#remoteKeys = rules.jwksUrl === undefined ? undefined : createRemoteKeys(rules.jwksUrl);
    this.#algorithms = rules.algorithms;
    this.#options = {
      algorithms: rules.algorithms,
      clockTolerance: rules.clockToleranceSeconds,
      ...(rules.issuer !== undefined && { issuer: rules.issuer }),
      ...(rules.audience !== undefined && { audience: rules.audience }),
    };
  }

  async check<Claims>(token: string, schema: z.ZodType<Claims>): Promise<Claims> {
    try {
      return parseClaims(await this.#readPayload(token), schema);
    } catch (error) {
      if (!(error instanceof errors.JWTExpired)) throw toTokenError(error);
      parseClaims(error.payload, schema);
      throw new AnywireError("token_expired", "the token has run out; get a new one");
    }
  }

  async #readPayload(token: string): Promise<JWTPayload> {
    const { alg = "none", kid } = decodeHeader(token);
    if (!this.#algorithms.includes(alg)) {
      throw refuseToken(`must be signed with ${this.#algorithms.join(", ")}`);
    }
    for (const key of this.#keySet.candidates(alg, kid)) {
      const payload = await this.#tryKey(token, key);
      if (payload !== undefined) return payload;
    }
    // A shared secret is never public, so a provider's set can't hold the key of an HS256 token.
    if (this.#remoteKeys === undefined || alg === "HS256") throw new errors.JWKSNoMatchingKey();
    return (await jwtVerify(token, this.#remoteKeys, this.#options)).payload;
  }

  /** The payload, or undefined when another key signed it. */
  async #tryKey(token: string, { verifyKey }: TokenKey): Promise<JWTPayload | undefined> {
    try {
      return (await jwtVerify(token, verifyKey, this.#options)).payload;
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) return undefined;
      throw error;
    }
  }
}

function decodeHeader(token: string): ProtectedHeaderParameters {
  try {
    return decodeProtectedHeader(token);
  } catch (error) {
    throw refuseToken("is malformed", error);
  }
}

function parseClaims<Claims>(payload: JWTPayload, schema: z.ZodType<Claims>): Claims {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const claim = issue?.path[0];
  throw refuseToken(
    claim === undefined ? `is ${issue?.message}` : `has no valid ${String(claim)} claim`,
  );
}
