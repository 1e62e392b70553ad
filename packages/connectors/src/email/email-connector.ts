import type { HealthConnector, ListeningConnector } from "../contract/abilities.ts";
import type { Capabilities } from "../contract/capabilities.ts";
import type { Connector } from "../contract/connector.ts";
import type { Verdict, WebhookRequest } from "../contract/webhook.ts";
import { aborted } from "./aborted.ts";
import { type EmailContext, type EmailSettings, emailSettingsSchema } from "./email-settings.ts";
import { MAIL_METHOD, readMailRequest } from "./incoming-mail.ts";
import { parseMail } from "./parse-mail.ts";
import { readProviderMail, verifyProvider } from "./provider-webhook.ts";
import { sendMail } from "./send-mail.ts";
import { smtpPoolOf } from "./smtp-pool.ts";

/** What most mail servers take, less what the encoding of attachments adds. */
const MAX_ATTACHMENT_BYTES = 18_000_000;
const MAX_TEXT = 1_000_000;

/** Email: out by SMTP, in by SMTP, IMAP or the webhooks of providers. */
export const email: Connector<EmailSettings> & ListeningConnector & HealthConnector = {
  id: "email",
  version: "1.0.0",
  displayName: "Email",
  network: "email",
  channelType: {
    name: "email",
    identity: "participants",
    network: "email",
    description: "One thread of email.",
  },
  configSchema: emailSettingsSchema,
  secrets: [
    secret("password", "The password of `smtp.user` at the mail server."),
    secret("imapPassword", "The password of `inbound.user`; default that of `smtp.user`."),
    secret(
      "replyKey",
      "Any long random text: it signs the addresses that answers and reports of failure come to.",
    ),
    secret(
      "webhookKey",
      "Mailgun: the HTTP webhook signing key, under API security. Postmark: `name:password`, as in the webhook's URL.",
    ),
    secret("tlsKey", "The private key of `inbound.certificate`, PEM."),
  ],
  freeSettings: [
    "from",
    "fromName",
    "domain",
    "replyAddress",
    "bounceAddress",
    "addresses",
    "readReceipts",
    "senderCheck",
    "senderCheck",
  ],
  addressKinds: ["email"],
  policy: {
    bulkAllowed: true,
    keywords: { out: ["stop", "unsubscribe"], in: ["start", "subscribe"], help: ["help"] },
    notes:
      "Bulk mail carries List-Unsubscribe, and one-click where a URL is configured (RFC 8058): Gmail and Yahoo demand both of whoever sends 5,000 a day, with SPF, DKIM and DMARC. What a machine wrote has `meta.autoReply` (RFC 3834): do not answer it.",
  },
  limits: [{ scope: "connection", rate: 20, perMs: 1000, burst: 20, unit: "message" }],
  capabilities,
  verify,
  async parse(request, context) {
    const mail = await (request.method === MAIL_METHOD
      ? readMailRequest(request)
      : readProviderMail(request, context));
    return parseMail(mail, context);
  },
  send: sendMail,
  async listen(context, receiver, signal) {
    const { settings } = context as EmailContext;
    if (settings.inbound?.kind === "smtp") {
      const { listenSmtp } = await import("./smtp-listener.ts");
      await listenSmtp(context as EmailContext, settings.inbound, receiver, signal);
    } else if (settings.inbound?.kind === "imap") {
      const { listenImap } = await import("./imap-listener.ts");
      await listenImap(context as EmailContext, settings.inbound, receiver, signal);
    } else {
      await aborted(signal);
    }
  },
  async health(context, signal) {
    try {
      await smtpPoolOf(context as EmailContext).check(signal);
      return { state: "ok", reason: null, humanAction: "none" };
    } catch (error) {
      const isRefused = (error as { readonly code?: string }).code === "EAUTH";
      return isRefused
        ? { state: "down", reason: "The mail server refuses the sign-in.", humanAction: "relogin" }
        : { state: "down", reason: "The mail server is not there.", humanAction: "none" };
    }
  },
  simulator: async () => (await import("./email-simulator.ts")).createEmailSimulator,
  fixtures: async () => (await import("./email-fixtures.ts")).emailFixtures,
};

function secret(
  name: string,
  description: string,
): { name: string; description: string; isRequired: false } {
  return { name, description, isRequired: false };
}

function capabilities({ settings }: EmailContext): Capabilities {
  const file = { level: "full", maxBytes: MAX_ATTACHMENT_BYTES } as const;
  return {
    text: { maxLength: MAX_TEXT, formatting: "dropped" },
    media: { image: file, audio: file, video: file, file },
    maxMedia: 20,
    location: "fallback",
    card: "fallback",
    reply: "full",
    references: true,
    receipts: { sent: false, delivered: false, read: settings.readReceipts },
    canStart: true,
    idempotency: "none",
  };
}

/** Mail as it is comes from our own listeners only, whose requests nobody verifies: over HTTP it could be anybody's. */
function verify(request: WebhookRequest, context: EmailContext): Verdict {
  if (request.method === MAIL_METHOD) {
    return { isGenuine: false, reason: "mail is not taken over HTTP like this" };
  }
  return verifyProvider(request, context);
}
