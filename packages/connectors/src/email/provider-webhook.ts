import { createHmac, timingSafeEqual } from "node:crypto";
import type { Verdict, WebhookRequest } from "../contract/webhook.ts";
import type { EmailContext } from "./email-settings.ts";
import { readForm } from "./form-body.ts";
import type { IncomingMail } from "./incoming-mail.ts";
import { readMailgun } from "./mailgun-mail.ts";
import { readPostmark } from "./postmark-mail.ts";

/** How old a signed time may be: Mailgun's own examples say so little that we do. */
const MAX_AGE_MS = 300_000;

/** Whether a request is from the provider that the connection names. */
export function verifyProvider(request: WebhookRequest, context: EmailContext): Verdict {
  const { inbound } = context.settings;
  if (inbound?.kind !== "webhook") return refused("the connection takes no mail by webhook");
  if (request.method !== "POST") return refused(`method ${request.method.slice(0, 16)}`);
  return inbound.provider === "mailgun"
    ? verifyMailgun(request, context)
    : verifyPostmark(request, context);
}

/** The mail in a provider's request. @throws {Error} when there is none */
export function readProviderMail(
  request: WebhookRequest,
  context: EmailContext,
): Promise<IncomingMail> {
  const { inbound } = context.settings;
  if (inbound?.kind !== "webhook") throw new Error("the connection takes no mail by webhook");
  return inbound.provider === "mailgun" ? readMailgun(request) : readPostmark(request);
}

/** @see https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks */
function verifyMailgun(request: WebhookRequest, context: EmailContext): Verdict {
  const form = readForm(request);
  const [timestamp, token, signature] = ["timestamp", "token", "signature"].map((name) =>
    form.text(name),
  );
  if (timestamp === undefined || token === undefined || signature === undefined) {
    return refused("it is not signed");
  }
  const at = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1000 : Number.NaN;
  if (!(Math.abs(context.now() - at) <= MAX_AGE_MS)) return refused("its time is not now");
  const isGenuine = keysOf(context).some((key) =>
    isSame(
      createHmac("sha256", key)
        .update(timestamp + token)
        .digest("hex"),
      signature,
    ),
  );
  return isGenuine ? { isGenuine } : refused("the signature is wrong");
}

/** Postmark signs nothing; it sends a name and a password along, that are in the URL which it was given. */
function verifyPostmark({ headers }: WebhookRequest, context: EmailContext): Verdict {
  const [, given] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(headers["authorization"] ?? "") ?? [];
  if (given === undefined) return refused("it has no name and password");
  const isGenuine = keysOf(context).some((key) =>
    isSame(Buffer.from(key).toString("base64"), given),
  );
  return isGenuine ? { isGenuine } : refused("the name or the password is wrong");
}

function keysOf({ secrets }: EmailContext): readonly string[] {
  // An empty one would be everybody's.
  return (secrets["webhookKey"] ?? []).filter((key) => key !== "");
}

function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function refused(reason: string): Verdict {
  return { isGenuine: false, reason };
}
