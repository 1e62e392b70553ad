import { accountIdSchema, isSegment } from "@anywire/types";
import type { Hono } from "hono";
import { z } from "zod";
import { checkInput } from "./check-input.ts";
import { type BodyLimits, readJsonBody } from "./json-body.ts";
import { assertOwnPage } from "./own-page.ts";

const requestSchema = z.strictObject({
  account: accountIdSchema,
  platform: z.string().refine(isSegment, "must be 1 to 64 letters, digits, _ or -").optional(),
});

/** Whom a development token is for. */
export type DevTokenRequest = z.infer<typeof requestSchema>;

/** Makes tokens for whoever asks. Only `anywire dev` has one. */
export type DevTokenIssuer = (request: DevTokenRequest) => Promise<string>;

/**
 * `POST /dev/token`: signs any account in, for the pages of a development server. No part of the API, so
 * its documentation does not have it.
 */
export function serveDevTokens(app: Hono, issue: DevTokenIssuer, bodyLimits: BodyLimits): void {
  app.post("/dev/token", async (context) => {
    assertOwnPage(context, "development tokens are", "use `anywire token` elsewhere");
    const body = await readJsonBody(context.req.raw, bodyLimits);
    const token = await issue(checkInput(requestSchema, body, "the request"));
    return context.json({ token });
  });
}
