import { AnywireError, ERRORS, type ErrorCode } from "@anywire/types";
import { errorCodes } from "centrifuge";

/** What the socket library rejects with. */
interface SocketError {
  readonly code: number;
  readonly message: string;
}

const CODES = new Map<number, ErrorCode>(
  Object.entries(ERRORS).map(([code, { socket }]) => [socket, code as ErrorCode]),
);

const CLOSE_CODES = new Map<number, ErrorCode>([
  [1, "unauthenticated"],
  [3, "too_large"],
  [3500, "unauthenticated"],
  [3501, "bad_request"],
  [3504, "limit_exceeded"],
  [3507, "permission_denied"],
]);

const LOST = new Set<number>([
  errorCodes.transportClosed,
  errorCodes.transportWriteError,
  errorCodes.connectionClosed,
]);

/** Whether a request failed because its connection ended before the answer: it may have taken effect or not. */
export function isConnectionLoss(thrown: unknown): boolean {
  return isSocketError(thrown) && LOST.has(thrown.code);
}

/** Whether no answer came in time on a connection that still seems open. */
export function isTimeout(thrown: unknown): boolean {
  return isSocketError(thrown) && thrown.code === errorCodes.timeout;
}

/** The error of a request: the server's own code, or `unavailable` when no server was reached. */
export function toClientError(thrown: unknown): AnywireError {
  if (thrown instanceof AnywireError) return thrown;
  if (!isSocketError(thrown))
    return new AnywireError("internal", String(thrown), { cause: thrown });
  if (thrown.code < 100) {
    const message = `no answer from the server (${thrown.message}); connect and try again`;
    return new AnywireError("unavailable", message, { cause: thrown });
  }
  return new AnywireError(CODES.get(thrown.code) ?? "internal", thrown.message, { cause: thrown });
}

/** The error behind the end of a connection or subscription; undefined when the caller asked for it. */
export function toCloseError({
  code,
  reason,
}: {
  code: number;
  reason: string;
}): AnywireError | undefined {
  if (code === 0) return undefined;
  const errorCode = CLOSE_CODES.get(code) ?? CODES.get(code) ?? "unavailable";
  return new AnywireError(errorCode, reason, { details: { closeCode: code } });
}

function isSocketError(thrown: unknown): thrown is SocketError {
  return (
    typeof thrown === "object" &&
    thrown !== null &&
    "code" in thrown &&
    "message" in thrown &&
    typeof thrown.code === "number"
  );
}
