import { createHmac } from "node:crypto";
import type { ConnectionContext } from "../contract/context.ts";
import type { Verdict, WebhookAnswer, WebhookRequest } from "../contract/webhook.ts";
import { isOneOf } from "../wire/same-secret.ts";

type Secrets = Pick<ConnectionContext, "secrets">;

/**
 * Whether Meta made a request: an HMAC over the body exactly as it came.
 * @see https://developers.facebook.com/docs/graph-api/webhooks/getting-started#validate-payloads
 */
export function verifyWhatsapp({ headers, body }: WebhookRequest, { secrets }: Secrets): Verdict {
  const signature = headers["x-hub-signature-256"] ?? "";
  if (signature === "") return { isGenuine: false, reason: "it has no X-Hub-Signature-256" };
  const expected = (secrets["appSecret"] ?? [])
    .filter((secret) => secret !== "")
    .map((secret) => signWhatsapp(secret, body));
  if (isOneOf(signature, expected)) return { isGenuine: true };
  return { isGenuine: false, reason: "its signature does not match: check the app secret" };
}

/** The signature of a body. */
export function signWhatsapp(appSecret: string, body: Uint8Array | string): string {
  return `sha256=${createHmac("sha256", appSecret).update(body).digest("hex")}`;
}

/** Meta sends digits; nothing else is sent back to whoever asks. */
const CHALLENGE = /^[A-Za-z0-9_-]{1,128}$/;

/**
 * Answers the question that Meta asks when the webhook's URL is entered; null for whoever does not know the verify token.
 * @see https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests
 */
export function answerChallenge(
  { method, url }: WebhookRequest,
  { secrets }: Secrets,
): WebhookAnswer | null {
  const query = method === "GET" ? URL.parse(url)?.searchParams : undefined;
  if (query?.get("hub.mode") !== "subscribe") return null;
  const challenge = query.get("hub.challenge") ?? "";
  const tokens = (secrets["verifyToken"] ?? []).filter((token) => token !== "");
  if (!CHALLENGE.test(challenge) || !isOneOf(query.get("hub.verify_token") ?? "", tokens))
    return null;
  return { status: 200, headers: { "content-type": "text/plain" }, body: challenge };
}
