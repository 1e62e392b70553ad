import { AnywireError } from "@anywire/types";
import type { Context } from "hono";

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Lets in only what a page of this server asks, opened on this machine.
 * A foreign page has a foreign Origin; a page whose name was bound to this machine's address later has a
 * foreign Host.
 * @param what begins the sentence of the refusal, such as `development tokens are`
 * @throws {AnywireError} `permission_denied`
 */
export function assertOwnPage(context: Context, what: string, instead?: string): void {
  if (isLocal(context) && originOf(context) === hostOf(context)) return;
  throw refused(what, instead);
}

/**
 * The same for reading: browsers send no Origin when a page reads from its own server.
 * @throws {AnywireError} `permission_denied`
 */
export function assertOwnReader(context: Context, what: string): void {
  const hasForeignOrigin =
    context.req.header("origin") !== undefined && originOf(context) !== hostOf(context);
  const site = context.req.header("sec-fetch-site") ?? "same-origin";
  const isForeign = hasForeignOrigin || (site !== "same-origin" && site !== "none");
  if (isLocal(context) && !isForeign) return;
  throw refused(what);
}

function isLocal(context: Context): boolean {
  return LOOPBACK.test(new URL(context.req.url).hostname);
}

function hostOf(context: Context): string {
  return new URL(context.req.url).host;
}

function originOf(context: Context): string | undefined {
  return URL.parse(context.req.header("origin") ?? "")?.host;
}

function refused(what: string, instead?: string): AnywireError {
  const rule = `${what} only for pages of this server, opened as http://localhost`;
  return new AnywireError(
    "permission_denied",
    instead === undefined ? rule : `${rule}; ${instead}`,
  );
}
