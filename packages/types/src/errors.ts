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
}

/** Every error a client can see. Adding a row here is the only way to add one. */
export const ERRORS = {
  bad_request: {
    http: 400,
    socket: 107,
    retry: false,
  },
  unauthenticated: {
    http: 401,
    socket: 101,
    retry: false,
  },
  token_expired: {
    http: 401,
    socket: 109,
    retry: false,
  },
  permission_denied: {
    http: 403,
    socket: 103,
    retry: false,
  },
  unknown_channel: {
    http: 404,
    socket: 102,
    retry: false,
  },
  not_found: {
    http: 404,
    socket: 404,
    retry: false,
  },
  method_not_found: {
    http: 405,
    socket: 104,
    retry: false,
  },
  already_subscribed: {
    http: 409,
    socket: 105,
    retry: false,
  },
  conflict: {
    http: 409,
    socket: 409,
    retry: false,
  },
  unrecoverable_position: {
    http: 410,
    socket: 112,
    retry: false,
  },
  too_large: {
    http: 413,
    socket: 413,
    retry: false,
  },
  unsupported_media_type: {
    http: 415,
    socket: 415,
    retry: false,
  },
  range_not_satisfiable: {
    http: 416,
    socket: 416,
    retry: false,
  },
  function_aborted: {
    http: 422,
    socket: 422,
    retry: false,
  },
  limit_exceeded: {
    http: 429,
    socket: 106,
    retry: false,
  },
  rate_limited: {
    http: 429,
    socket: 111,
    retry: true,
  },
  internal: {
    http: 500,
    socket: 100,
    retry: true,
  },
  function_failed: {
    http: 500,
    socket: 520,
    retry: true,
  },
  unsupported: {
    http: 501,
    socket: 108,
    retry: false,
  },
  unavailable: {
    http: 503,
    socket: 503,
    retry: true,
  },
  storage_full: {
    http: 507,
    socket: 507,
    retry: true,
  },
  storage_damaged: {
    http: 500,
    socket: 508,
    retry: false,
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
