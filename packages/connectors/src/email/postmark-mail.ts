import { z } from "zod";
import type { WebhookRequest } from "../contract/webhook.ts";
import { type Headers, type IncomingMail, readMime } from "./incoming-mail.ts";
import { mailOf } from "./provider-mail.ts";
import { checkPostmarkSender } from "./provider-sender.ts";

const mailboxSchema = z.object({ Email: z.string(), Name: z.string().default("") });

const inboundSchema = z.object({
  From: z.string().default(""),
  FromFull: mailboxSchema,
  ToFull: z.array(mailboxSchema).default([]),
  CcFull: z.array(mailboxSchema).default([]),
  OriginalRecipient: z.string().default(""),
  Subject: z.string().default(""),
  Date: z.string().default(""),
  TextBody: z.string().default(""),
  HtmlBody: z.string().default(""),
  RawEmail: z.string().optional(),
  Headers: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
  Attachments: z
    .array(z.object({ Name: z.string(), Content: z.string(), ContentType: z.string() }))
    .default([]),
});

/**
 * The mail in what Postmark posts; its headers have what the fields beside them have not.
 * @see https://postmarkapp.com/developer/webhooks/inbound-webhook
 */
export async function readPostmark({ body }: WebhookRequest): Promise<IncomingMail> {
  const json: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
  const posted = inboundSchema.parse(json);
  const headers = posted.Headers.map(({ Name, Value }) => [Name, Value] as const);
  const mail = await mailIn(posted, headers);
  return { ...mail, senderCheck: checkPostmarkSender(mail, headers) };
}

function mailIn(mail: z.infer<typeof inboundSchema>, written: Headers): Promise<IncomingMail> {
  const { OriginalRecipient: recipient, RawEmail: raw } = mail;
  const envelope = { from: undefined, to: recipient === "" ? [] : [recipient] };
  if (raw !== undefined) return readMime(Buffer.from(raw), envelope);
  const names = new Set(written.map(([name]) => name.toLowerCase()));
  const fields = [
    ["From", mail.From],
    ["Subject", mail.Subject],
    ["Date", mail.Date],
  ] as const;
  return mailOf({
    headers: [...written, ...fields.filter(([name]) => !names.has(name.toLowerCase()))],
    from: { address: mail.FromFull.Email, name: mail.FromFull.Name },
    to: [...mail.ToFull, ...mail.CcFull].map(({ Email }) => Email),
    envelope,
    text: mail.TextBody,
    html: mail.HtmlBody,
    attachments: mail.Attachments.map(({ Name, Content, ContentType }) => ({
      name: Name,
      mimeType: ContentType,
      bytes: new Uint8Array(Buffer.from(Content, "base64")),
    })),
  });
}
