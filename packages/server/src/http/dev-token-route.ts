import { AnywireError, accountIdSchema, isSegment } from "@anywire/types";
import type { Context, Hono } from "hono";
import { z } from "zod";
import { checkInput } from "./check-input.ts";
import { type BodyLimits, readJsonBody } from "./json-body.ts";

const requestSchema = z.strictObject({
  account: accountIdSchema,
  platform: z.string().refine(isSegment, "must be 1 to 64 letters, digits, _ or -").optional(),
});

/** Whom a development token is for. */
export type DevTokenRequest = z.infer<typeof requestSchema>;

/** Makes tokens for whoever asks. Only `anywire dev` has one. */
export type DevTokenIssuer = (request: DevTokenRequest) => Promise<string>;

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * `POST /dev/token`: signs any account in, for the pages of a development server. No part of the API, so
 * its documentation does not have it.
 */
export function serveDevTokens(app: Hono, issue: DevTokenIssuer, bodyLimits: BodyLimits): void {
  app.post("/dev/token", async (context) => {
    assertOwnPage(context);
    const body = await readJsonBody(context.req.raw, bodyLimits);
    const token = await issue(checkInput(requestSchema, body, "the request"));
    return context.json({ token });
  });
}

/**
 * A foreign page has a foreign Origin; a page whose name was bound to this machine's address later has a
 * foreign Host.
 */
function assertOwnPage(context: Context): void {
  const { hostname, host } = new URL(context.req.url);
  const origin = URL.parse(context.req.header("origin") ?? "");
  if (LOOPBACK.test(hostname) && origin?.host === host) return;
  throw new AnywireError(
    "permission_denied",
    "development tokens are only for pages of this server, opened as http://localhost; use `anywire token` elsewhere",
  );
}
