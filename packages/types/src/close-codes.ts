/** Why a connection is closed, or one of its subscriptions ended, by the server. */
export interface CloseSpec {
  /** WebSocket close code, or the code of an unsubscribe push. */
  readonly code: number;
  /** Under 124 bytes: it travels in a WebSocket close frame. */
  readonly reason: string;
}

/**
 * How the server ends a connection. Clients reconnect by themselves after 3000-3499 and 4000-4499,
 * and must not after 3500-3999 and 4500-4999.
 * @see https://centrifugal.dev/docs/server/codes
 */
export const DISCONNECTS = {
  shutdown: { code: 3001, reason: "shutdown" },
  internal: { code: 3004, reason: "internal server error" },
  expired: { code: 3005, reason: "connection expired" },
  subscription_expired: { code: 3006, reason: "subscription expired" },
  slow: { code: 3008, reason: "slow" },
  insufficient_state: { code: 3010, reason: "insufficient state" },
  no_pong: { code: 3012, reason: "no pong" },
  too_many_requests: { code: 3013, reason: "too many requests" },
  invalid_token: { code: 3500, reason: "invalid token" },
  bad_request: { code: 3501, reason: "bad request" },
  stale: { code: 3502, reason: "stale" },
  force: { code: 3503, reason: "force disconnect" },
  connection_limit: { code: 3504, reason: "connection limit" },
} as const satisfies Record<string, CloseSpec>;

/** The name of a row of {@link DISCONNECTS}. */
export type DisconnectReason = keyof typeof DISCONNECTS;

/**
 * How the server ends one subscription. From 2500 the client subscribes again by itself; below, it stays out.
 * @see https://centrifugal.dev/docs/server/codes
 */
export const UNSUBSCRIBES = {
  server: { code: 2000, reason: "server unsubscribe" },
  insufficient_state: { code: 2500, reason: "insufficient state" },
  expired: { code: 2501, reason: "subscription expired" },
} as const satisfies Record<string, CloseSpec>;

/** The name of a row of {@link UNSUBSCRIBES}. */
export type UnsubscribeReason = keyof typeof UNSUBSCRIBES;
