import { createHash } from "node:crypto";
import type { Context } from "hono";

/** Something that changes only with the server's version, and its validator. */
export interface CachedFile {
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * A file to answer requests with.
 * @param cacheControl default: kept by the browser, but asked for again each time
 * @param more other headers
 */
export function createCachedFile(
  body: string | Uint8Array<ArrayBuffer>,
  contentType: string,
  cacheControl = "no-cache",
  more: Readonly<Record<string, string>> = {},
): CachedFile {
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return {
    body,
    etag,
    headers: { "content-type": contentType, "cache-control": cacheControl, etag, ...more },
  };
}

/** The file, or 304 when the client has it already. */
export function answerWithFile(context: Context, { body, etag, headers }: CachedFile): Response {
  if (hasEtag(context, etag)) return new Response(null, { status: 304, headers });
  return new Response(body, { headers });
}

/** Whether the client says that it has what bears this validator. */
export function hasEtag(context: Context, etag: string): boolean {
  const known = context.req.header("if-none-match");
  return known === "*" || known?.includes(etag) === true;
}
