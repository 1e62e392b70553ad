import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { parse, stringify } from "node:querystring";
import type { Verdict, WebhookRequest } from "../contract/webhook.ts";

const FORM = /^application\/x-www-form-urlencoded\b/i;
/** Several times what Twilio's longest form has. Whoever is not Twilio must not have us read and sort more. */
const MAX_FORM_BYTES = 256 * 1024;

/**
 * Whether Twilio made a request: an HMAC over the URL as it called it and, after it, each parameter's name and value, sorted. Of a
 * body that is no form the URL carries a hash.
 *
 * Twilio's servers do not agree on how a URL is written when they sign it: with or without the port, and with the query as it is
 * or written anew. Each of these forms is good, as in Twilio's own library.
 * @see https://www.twilio.com/docs/usage/security#validating-requests
 */
export function verifyTwilio(request: WebhookRequest, authTokens: readonly string[]): Verdict {
  const signature = Buffer.from(request.headers["x-twilio-signature"] ?? "");
  if (signature.length === 0) return refused("it has no X-Twilio-Signature");
  const signed = signedParameters(request);
  if (typeof signed === "string") return refused(signed);
  const forms = urlForms(request.url);
  // All are computed whatever the first says, so that time tells nothing of which is right. An empty token would be known to all.
  const matches = authTokens
    .filter(Boolean)
    .flatMap((token) =>
      forms.map((url) => isEqual(signature, Buffer.from(sign(token, url + signed.text)))),
    );
  if (matches.includes(true)) return { isGenuine: true };
  return refused(
    "its signature does not match: check the auth token, and that Twilio calls exactly the connection's webhook URL",
  );
}

/** The signature of a request with these form parameters. */
export function signTwilio(authToken: string, url: string, parameters: URLSearchParams): string {
  return sign(authToken, url + concatenated(parameters));
}

function sign(token: string, data: string): string {
  return createHmac("sha1", token).update(data, "utf8").digest("base64");
}

/** What is signed besides the URL; a text when the body is covered by nothing. */
function signedParameters({ url, headers, body }: WebhookRequest): { text: string } | string {
  const hash = URL.parse(url)?.searchParams.get("bodySHA256");
  if (hash !== null && hash !== undefined) {
    const actual = createHash("sha256").update(body).digest("hex");
    const isSame = isEqual(Buffer.from(hash.toLowerCase()), Buffer.from(actual));
    return isSame ? { text: "" } : "its body is not the one that was signed";
  }
  if (body.length === 0) return { text: "" };
  if (!FORM.test(headers["content-type"] ?? "")) return "its body is no form, and is not signed";
  if (body.length > MAX_FORM_BYTES) return `its form has more than ${MAX_FORM_BYTES} bytes`;
  return { text: concatenated(new URLSearchParams(Buffer.from(body).toString("utf8"))) };
}

/** Names and values without anything between them, sorted by name; the same value of the same name once. */
function concatenated(parameters: URLSearchParams): string {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of parameters) {
    const known = values.get(name);
    if (known === undefined) values.set(name, new Set([value]));
    else known.add(value);
  }
  return [...values.keys()]
    .sort()
    .flatMap((name) => [...(values.get(name) ?? [])].sort().map((value) => name + value))
    .join("");
}

/** The forms in which a URL may have been signed. */
function urlForms(url: string): readonly string[] {
  const written = [url, URL.parse(url)?.href ?? url];
  const withPorts = written.flatMap((one) => [withoutPort(one), withPort(one)]);
  return [...new Set([...withPorts, ...withPorts.map(withQueryAnew)])];
}

const SCHEME_AND_HOST = /^(https?:\/\/)((?:[^/?#@]*@)?(?:\[[^\]]*\]|[^/?#:]*))(:\d*)?/i;

function withoutPort(url: string): string {
  return url.replace(SCHEME_AND_HOST, "$1$2");
}

function withPort(url: string): string {
  return url.replace(SCHEME_AND_HOST, (_all, scheme: string, host: string, port?: string) => {
    const standard = scheme.toLowerCase() === "https://" ? ":443" : ":80";
    return scheme + host + (port ?? standard);
  });
}

/** With the query as Node's older module writes it, which some of Twilio's servers do, too. */
function withQueryAnew(url: string): string {
  const start = url.indexOf("?");
  if (start < 0 || start === url.length - 1) return url;
  return `${url.slice(0, start)}?${stringify(parse(url.slice(start + 1)))}`;
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function refused(reason: string): Verdict {
  return { isGenuine: false, reason };
}
