import type { FunctionHost } from "@anywire/functions/runtime";
import { AnywireError } from "@anywire/types";
import type { Context, Hono } from "hono";
import { authenticate, type TokenChecker } from "../bearer-token.ts";
import { clientAddress } from "../client-address.ts";
import { optionsHeaders } from "../cross-origin.ts";
import { type BodyLimits, readBodyBytes } from "../json-body.ts";

/** What answering requests by functions needs. */
export interface RequestRouteOptions {
  readonly functions: { readonly host: Pick<FunctionHost, "request"> };
  readonly verifier: TokenChecker;
  readonly http: { readonly trustProxy: boolean };
  readonly bodyLimits: BodyLimits;
}

const PREFIX = "/functions";
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** What only the connection decides. @see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const OF_CONNECTION = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Statuses whose answer has no body. @see https://fetch.spec.whatwg.org/#null-body-status */
const WITHOUT_BODY = new Set([204, 205, 304]);

/** `/functions/*`: whatever is asked there, a function answers it. */
export function serveRequestFunctions(app: Hono, options: RequestRouteOptions): void {
  const { functions, verifier, http, bodyLimits } = options;
  app.all(`${PREFIX}/*`, async (context) => {
    if (isPreflight(context))
      return new Response(null, { status: 204, headers: optionsHeaders(METHODS) });
    const { pathname, href } = new URL(context.req.url);
    const answer = await functions.host.request({
      method: context.req.method,
      path: pathname.slice(PREFIX.length) || "/",
      url: href,
      headers: context.req.header(),
      body: () => readBodyBytes(context.req.raw, bodyLimits.maxBodyBytes),
      authenticate: () => authenticate(context, verifier),
      clientAddress: clientAddress(context, http.trustProxy) ?? "",
    });
    if (answer === undefined) {
      throw new AnywireError("not_found", `no function is bound to ${pathname.slice(0, 200)}`);
    }
    const { status, headers, body } = answer;
    const kept = headers.filter(([name]) => !OF_CONNECTION.has(name.toLowerCase()));
    return new Response(WITHOUT_BODY.has(status) ? null : new Uint8Array(body), {
      status,
      headers: kept.map(([name, value]): [string, string] => [name, value]),
    });
  });
}

/** A browser asks before a page of another origin may: that is the server's to answer. */
function isPreflight(context: Context): boolean {
  const asked = context.req.header("access-control-request-method");
  return context.req.method === "OPTIONS" && asked !== undefined;
}
