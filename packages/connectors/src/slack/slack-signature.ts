import { createHmac } from "node:crypto";
import type { Verdict, WebhookRequest } from "../contract/webhook.ts";
import { isOneOf } from "../wire/same-secret.ts";

/** How old or how far ahead a request may be. @see https://docs.slack.dev/authentication/verifying-requests-from-slack */
const MAX_SKEW_MS = 300_000;

/** The signature of a body, at a time in seconds since the Unix epoch. */
export function slackSignature(secret: string, timestamp: string, body: Uint8Array): string {
  const hmac = createHmac("sha256", secret).update(`v0:${timestamp}:`).update(body);
  return `v0=${hmac.digest("hex")}`;
}

/** Whether a request is from Slack, and from now. */
export function verifySlack(
  { headers, body }: WebhookRequest,
  secrets: readonly string[],
  now: number,
): Verdict {
  const signature = headers["x-slack-signature"];
  const timestamp = headers["x-slack-request-timestamp"] ?? "";
  if (signature === undefined || !/^\d{1,12}$/.test(timestamp)) {
    return {
      isGenuine: false,
      reason: "the headers with Slack's signature and its time are missing",
    };
  }
  if (Math.abs(now - Number(timestamp) * 1000) > MAX_SKEW_MS) {
    const reason = "it is more than 5 minutes old or ahead; look whether the clock is right";
    return { isGenuine: false, reason };
  }
  const expected = secrets.map((secret) => slackSignature(secret, timestamp, body));
  if (isOneOf(signature, expected)) return { isGenuine: true };
  return { isGenuine: false, reason: "it is signed with another secret than signingSecret" };
}
