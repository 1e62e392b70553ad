/** What one kind of error means on each transport. */
export interface ErrorSpec {
  /** Status of the HTTP API's answer. */
  readonly http: number;
  /**
   * Code of the error in a socket reply. 100-112 are the Centrifuge protocol's own, 400-1999 are ours.
   * @see https://centrifugal.dev/docs/server/codes
   */
  readonly socket: number;
  /** Whether the same request may succeed later, unchanged. */
  readonly retry: boolean;
  /** A sentence for the reference: when a client sees it. */
  readonly when: string;
}

/** Every error a client can see. Adding a row here is the only way to add one. */
export const ERRORS = {
  bad_request: {
    http: 400,
    socket: 107,
    retry: false,
    when: "The request does not have the shape it must have; `errors` names each field.",
  },
  unauthenticated: {
    http: 401,
    socket: 101,
    retry: false,
    when: "There is no token, or it is not one this server accepts.",
  },
  token_expired: {
    http: 401,
    socket: 109,
    retry: false,
    when: "The token was good and has run out: get a new one and try again.",
  },
  permission_denied: {
    http: 403,
    socket: 103,
    retry: false,
    when: "The token is good but does not allow this on this channel.",
  },
  unknown_channel: {
    http: 404,
    socket: 102,
    retry: false,
    when: "The channel's name is malformed or its type is not declared.",
  },
  not_found: {
    http: 404,
    socket: 404,
    retry: false,
    when: "There is nothing under that name or id.",
  },
  method_not_found: {
    http: 405,
    socket: 104,
    retry: false,
    when: "There is no such method, on this path or by this name.",
  },
  already_subscribed: {
    http: 409,
    socket: 105,
    retry: false,
    when: "This connection is already subscribed to the channel.",
  },
  conflict: {
    http: 409,
    socket: 409,
    retry: false,
    when: "The request contradicts what is already stored.",
  },
  unrecoverable_position: {
    http: 410,
    socket: 112,
    retry: false,
    when: "The position belongs to another log (its epoch differs): read from the start instead.",
  },
  too_large: {
    http: 413,
    socket: 413,
    retry: false,
    when: "The body, frame or message is larger, or nested deeper, than the limit it names.",
  },
  unsupported_media_type: {
    http: 415,
    socket: 415,
    retry: false,
    when: "The bytes are of a type that is not accepted, or not of the one they are said to be.",
  },
  range_not_satisfiable: {
    http: 416,
    socket: 416,
    retry: false,
    when: "The range begins behind the end.",
  },
  limit_exceeded: {
    http: 429,
    socket: 106,
    retry: false,
    when: "A count that does not fall by itself is used up, such as subscriptions per connection.",
  },
  rate_limited: {
    http: 429,
    socket: 111,
    retry: true,
    when: "Too many requests for now; see `retryAfterMs`.",
  },
  internal: {
    http: 500,
    socket: 100,
    retry: true,
    when: "The server failed. Its log has the cause.",
  },
  unsupported: {
    http: 501,
    socket: 108,
    retry: false,
    when: "The configured driver cannot do this; see its capabilities.",
  },
  unavailable: {
    http: 503,
    socket: 503,
    retry: true,
    when: "A part of the server is starting, stopping, locked or out of reach.",
  },
  storage_full: {
    http: 507,
    socket: 507,
    retry: true,
    when: "The disk is full: nothing was stored, reading still works.",
  },
  storage_damaged: {
    http: 500,
    socket: 508,
    retry: false,
    when: "The database is damaged: restore a backup with `anywire restore`.",
  },
} as const satisfies Record<string, ErrorSpec>;

/** The name of a row of {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** What else an {@link AnywireError} can carry. */
export interface AnywireErrorOptions extends ErrorOptions {
  /** Facts safe to show the client. Never secrets, never driver messages. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The only error class that crosses a package boundary. */
export class AnywireError extends Error {
  override readonly name = "AnywireError";
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: AnywireErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** Makes any thrown value safe to show: an unknown one becomes `internal`, kept as the cause. */
export function toAnywireError(thrown: unknown): AnywireError {
  if (thrown instanceof AnywireError) return thrown;
  return new AnywireError("internal", "internal error", { cause: thrown });
}
