import { createHmac } from "node:crypto";
import type { Verdict, WebhookAnswer, WebhookRequest } from "../contract/webhook.ts";
import { isOneOf } from "../wire/same-secret.ts";
import type { LinkedinContext } from "./linkedin-settings.ts";

const PREFIX = "hmacsha256=";

/** A random UUID, as LinkedIn makes them: whoever could choose the text could have a webhook signed with our secret. */
const CHALLENGE = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** The signature of a webhook. */
export function signLinkedin(body: Uint8Array, clientSecret: string): string {
  return createHmac("sha256", clientSecret).update(PREFIX).update(body).digest("hex");
}

/** Whether LinkedIn signed it. @see https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation */
export function verifyLinkedin(request: WebhookRequest, context: LinkedinContext): Verdict {
  if (request.method !== "POST") return refused("it is no POST");
  const header = request.headers["x-li-signature"];
  if (header === undefined) return refused("it has no X-LI-Signature");
  const given = header.startsWith(PREFIX) ? header.slice(PREFIX.length) : header;
  const expected = clientSecrets(context).map((secret) => signLinkedin(request.body, secret));
  const isGenuine = isOneOf(given.toLowerCase(), expected);
  return isGenuine ? { isGenuine } : refused("X-LI-Signature is not that of the body");
}

/** Answers the challenge by which LinkedIn finds out, every two hours, whether the URL is ours. */
export function answerChallenge(
  { method, url }: WebhookRequest,
  context: LinkedinContext,
): WebhookAnswer | null {
  if (method !== "GET") return null;
  const challengeCode = URL.parse(url, context.webhookUrl)?.searchParams.get("challengeCode") ?? "";
  const [secret] = clientSecrets(context);
  if (secret === undefined || !CHALLENGE.test(challengeCode)) return null;
  const challengeResponse = createHmac("sha256", secret).update(challengeCode).digest("hex");
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ challengeCode, challengeResponse }),
  };
}

function clientSecrets({ secrets }: LinkedinContext): readonly string[] {
  return (secrets["clientSecret"] ?? []).filter((secret) => secret !== "");
}

function refused(reason: string): Verdict {
  return { isGenuine: false, reason };
}
