import { z } from "zod";
import type { WebhookRequest } from "../contract/webhook.ts";
import { type Form, readForm } from "./form-body.ts";
import { type IncomingMail, readMime } from "./incoming-mail.ts";
import { mailOf } from "./provider-mail.ts";
import { checkMailgunSender } from "./provider-sender.ts";

const headersSchema = z.array(z.tuple([z.string(), z.string()]));

/**
 * The mail in what a route of Mailgun posts: the mail as it was where the URL ends in `mime`, else its parts.
 * @see https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store
 */
export async function readMailgun(request: WebhookRequest): Promise<IncomingMail> {
  const mail = await mailIn(readForm(request));
  return { ...mail, senderCheck: checkMailgunSender(mail) };
}

async function mailIn(form: Form): Promise<IncomingMail> {
  const recipient = form.text("recipient") ?? "";
  const envelope = {
    from: form.text("sender"),
    to: recipient
      .split(",")
      .map((one) => one.trim())
      .filter((one) => one !== ""),
  };
  const mime = form.text("body-mime");
  if (mime !== undefined) return readMime(Buffer.from(mime), envelope);
  if (form.text("from") === undefined) throw new Error("the request is none of Mailgun's");
  return mailOf({
    headers: headersOf(form),
    envelope,
    text: form.text("body-plain") ?? "",
    html: form.text("body-html") ?? "",
    attachments: form.files,
  });
}

function headersOf(form: Form): readonly (readonly [string, string])[] {
  const text = form.text("message-headers");
  if (text !== undefined) return headersSchema.parse(JSON.parse(text));
  // Each header is a field, too.
  const names = ["From", "To", "Cc", "Subject", "Date", "Message-Id", "In-Reply-To", "References"];
  return names.flatMap((name) => {
    const value = form.text(name) ?? form.text(name.toLowerCase());
    return value === undefined ? [] : [[name, value] as const];
  });
}
