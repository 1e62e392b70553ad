import { createHmac } from "node:crypto";

/** Who asks: an app, and an account that lets it. */
export interface OauthCredentials {
  readonly consumerKey: string;
  readonly consumerSecret: string;
  readonly token: string;
  readonly tokenSecret: string;
}

/** What makes a signature one of its own. */
export interface OauthStamp {
  readonly nonce: string;
  /** Seconds since the Unix epoch. */
  readonly timestamp: number;
}

/** The `authorization` of a request whose body is no form. @see https://www.rfc-editor.org/rfc/rfc5849#section-3 */
export function oauthHeader(
  method: string,
  url: URL,
  credentials: OauthCredentials,
  { nonce, timestamp }: OauthStamp,
): string {
  const own: readonly (readonly [string, string])[] = [
    ["oauth_consumer_key", credentials.consumerKey],
    ["oauth_nonce", nonce],
    ["oauth_signature_method", "HMAC-SHA1"],
    ["oauth_timestamp", String(timestamp)],
    ["oauth_token", credentials.token],
    ["oauth_version", "1.0"],
  ];
  const signature = sign(method, url, own, credentials);
  const fields = [...own, ["oauth_signature", signature] as const];
  return `OAuth ${fields.map(([name, value]) => `${name}="${encode(value)}"`).join(", ")}`;
}

function sign(
  method: string,
  url: URL,
  own: readonly (readonly [string, string])[],
  { consumerSecret, tokenSecret }: OauthCredentials,
): string {
  const parameters = [...own, ...url.searchParams]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const place = `${url.origin}${url.pathname}`;
  const base = [method.toUpperCase(), place, parameters].map(encode).join("&");
  const key = `${encode(consumerSecret)}&${encode(tokenSecret)}`;
  return createHmac("sha1", key).update(base).digest("base64");
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Percent encoding that leaves nothing but what is unreserved. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
