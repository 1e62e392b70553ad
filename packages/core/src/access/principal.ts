import { coversPattern, matchesPattern, type TokenClaims } from "@anywire/types";

/** What a token can allow. Reading history and presence needs `subscribe`. */
export type TokenAction = "subscribe" | "publish" | "manage";

/** What one can do with a channel. `invite` is to add participants and to pin; `manage` covers it. */
export type Action = TokenAction | "invite";

/** Who makes a request: an account on a platform, and what its token lets it do. */
export interface Principal {
  readonly accountId: string;
  readonly platform: string;
  /** Channel patterns by action. */
  readonly patterns: Readonly<Record<TokenAction, readonly string[]>>;
  /** When its token runs out, milliseconds since the Unix epoch; `Infinity` for never. */
  readonly expiresAt: number;
}

/** The principal that checked claims stand for. */
export function principalOf(claims: TokenClaims): Principal {
  return {
    accountId: claims.sub,
    platform: claims.platform,
    patterns: {
      subscribe: claims.subscribe ?? [],
      publish: claims.publish ?? [],
      manage: claims.manage ?? [],
    },
    expiresAt: claims.exp === undefined ? Number.POSITIVE_INFINITY : claims.exp * 1000,
  };
}

/** Whether one of the principal's patterns for an action matches a valid channel name. */
export function isGranted(principal: Principal, action: TokenAction, channel: string): boolean {
  return principal.patterns[action].some((granted) => matchesPattern(granted, channel));
}

/** Whether one of the principal's patterns for an action matches every channel that a valid pattern can match. */
export function isCovered(principal: Principal, action: TokenAction, pattern: string): boolean {
  return principal.patterns[action].some((granted) => coversPattern(granted, pattern));
}
