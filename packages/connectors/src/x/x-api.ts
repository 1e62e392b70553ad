import { randomBytes } from "node:crypto";
import type { ConnectionContext } from "../contract/context.ts";
import type { Rejected, Unknown } from "../contract/send.ts";
import { withoutAnswer } from "../wire/never-left.ts";
import { oauthHeader } from "./oauth-header.ts";
import { xFailure } from "./x-errors.ts";
import type { XSettings } from "./x-settings.ts";

type Context = ConnectionContext<XSettings>;

/** One request to X. */
export interface XRequest {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: FormData | object;
}

/** What X answered. */
export type XAnswer =
  | { readonly isOk: true; readonly result: unknown }
  | { readonly isOk: false; readonly failure: Rejected | Unknown };

/** The `authorization` of a request; undefined when the connection lacks a secret for it. */
export function authorizationFor(
  method: string,
  url: URL,
  { secrets, now }: Context,
): string | undefined {
  const [token] = secrets["accessToken"] ?? [];
  const [tokenSecret] = secrets["accessTokenSecret"] ?? [];
  if (token === undefined) return undefined;
  if (tokenSecret === undefined) return `Bearer ${token}`;
  const [consumerKey] = secrets["consumerKey"] ?? [];
  const [consumerSecret] = secrets["consumerSecret"] ?? [];
  if (consumerKey === undefined || consumerSecret === undefined) return undefined;
  const credentials = { consumerKey, consumerSecret, token, tokenSecret };
  const nonce = randomBytes(16).toString("hex");
  const timestamp = Math.floor(now() / 1000);
  return oauthHeader(method, url, credentials, { nonce, timestamp });
}

/** Makes one request, once. Never rejects. */
export async function callX(
  context: Context,
  { method, path, body }: XRequest,
  signal: AbortSignal,
): Promise<XAnswer> {
  const url = new URL(`${context.settings.baseUrl.replace(/\/+$/, "")}${path}`);
  const authorization = authorizationFor(method, url, context);
  if (authorization === undefined) return { isOk: false, failure: INCOMPLETE };
  const isForm = body instanceof FormData;
  try {
    const response = await fetch(url, {
      method,
      headers: { authorization, ...(!isForm && body && { "content-type": "application/json" }) },
      signal,
      redirect: "error",
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return { isOk: true, result: JSON.parse(text) };
    return { isOk: false, failure: xFailure(response.status, response.headers, text, context) };
  } catch (error) {
    return { isOk: false, failure: withoutAnswer("X", error) };
  }
}

const INCOMPLETE: Rejected = {
  outcome: "rejected",
  class: "auth",
  reason: "the connection lacks a secret: accessTokenSecret needs consumerKey and consumerSecret",
};
