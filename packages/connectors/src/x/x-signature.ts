import { createHmac } from "node:crypto";
import type { Verdict, WebhookAnswer, WebhookRequest } from "../contract/webhook.ts";
import { isOneOf } from "../wire/same-secret.ts";

/** The header with the signature. @see https://docs.x.com/x-api/webhooks/quickstart */
export const X_SIGNATURE = "x-twitter-webhooks-signature";

/**
 * What X asks for to see that it is ours. It is signed as the bodies are, and whoever asks is answered: so nothing is signed that
 * could be a body, which is a JSON object.
 */
const CHALLENGE = /^[A-Za-z0-9+/=_-]{1,128}$/;

/** Each body of X begins with it, and no challenge has it. */
const OPENING_BRACE = 0x7b;

/** The signature of a body, and of a challenge. */
export function xSignature(consumerSecret: string, signed: Uint8Array | string): string {
  return `sha256=${createHmac("sha256", consumerSecret).update(signed).digest("base64")}`;
}

/** Whether a request is from X. It signs no time: what is brought again is known by its id. */
export function verifyX(
  { method, headers, body }: WebhookRequest,
  secrets: readonly string[],
): Verdict {
  const signature = headers[X_SIGNATURE];
  if (method !== "POST" || signature === undefined) {
    return { isGenuine: false, reason: `the header ${X_SIGNATURE} is missing` };
  }
  // What could have been asked for as a challenge was signed for whoever asked.
  if (body[0] !== OPENING_BRACE) return { isGenuine: false, reason: "its body is no JSON object" };
  const expected = secrets.map((secret) => xSignature(secret, body));
  if (isOneOf(signature, expected)) return { isGenuine: true };
  return { isGenuine: false, reason: "it is signed with another secret than consumerSecret" };
}

/** Answers a challenge; null for what is none, and for what might be made to be taken for a body. */
export function answerChallenge(
  { method, url }: WebhookRequest,
  secrets: readonly string[],
): WebhookAnswer | null {
  const [secret] = secrets;
  const token = URL.parse(url, "http://localhost")?.searchParams.get("crc_token") ?? "";
  if (method !== "GET" || secret === undefined || !CHALLENGE.test(token)) return null;
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ response_token: xSignature(secret, token) }),
  };
}
