import { isAllowedOrigin } from "../config/origin.ts";

const EXPOSED =
  "accept-ranges, allow, content-disposition, content-range, etag, retry-after, www-authenticate, x-request-id";
const PREFLIGHT_SECONDS = 600;

/**
 * Lets a page of an allowed origin read an answer. Credentials are never allowed: who calls is said by a
 * token in a header, which a foreign page does not have.
 * @see https://fetch.spec.whatwg.org/#http-cors-protocol
 */
export function setCorsHeaders(
  headers: Headers,
  corsOrigins: readonly string[],
  origin: string | undefined,
): void {
  if (corsOrigins.length === 0) return;
  headers.append("vary", "origin");
  if (origin === undefined || !isAllowedOrigin(corsOrigins, origin)) return;
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", EXPOSED);
}

/** Headers of the answer to `OPTIONS` on a path that knows these methods; also what a preflight asks for. */
export function optionsHeaders(methods: readonly string[]): Record<string, string> {
  return {
    allow: methods.join(", "),
    "access-control-allow-methods": methods.join(", "),
    "access-control-allow-headers":
      "authorization, content-type, if-none-match, if-range, range, x-request-id",
    "access-control-max-age": String(PREFLIGHT_SECONDS),
  };
}
