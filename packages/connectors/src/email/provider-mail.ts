import type { IncomingMail, MailAttachment, MailEnvelope } from "./incoming-mail.ts";
import { readMime } from "./incoming-mail.ts";

/** A mail that a provider has taken apart. */
export interface ProviderMail {
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Default as the headers say. */
  readonly from?: { readonly address: string; readonly name: string };
  /** Default as the headers say. */
  readonly to?: readonly string[];
  readonly envelope: MailEnvelope;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly MailAttachment[];
}

/** Headers about a body that is not as it was. */
const OF_THE_BODY = /^(?:content-|mime-version$)/i;

/** The mail of which these are the parts. Its headers, and HTML without text beside it, are read as those of any mail. */
export async function mailOf(given: ProviderMail): Promise<IncomingMail> {
  const headers = given.headers
    .filter(([name]) => /^[!-9;-~]+$/.test(name) && !OF_THE_BODY.test(name))
    .map(([name, value]) => `${name}: ${value.replace(/[\r\n]+/g, " ")}`);
  const isHtml = given.text.trim() === "" && given.html !== "";
  const type = isHtml ? "text/html" : "text/plain";
  const body = Buffer.from(isHtml ? given.html : given.text).toString("base64");
  const raw = [
    ...headers,
    `Content-Type: ${type}; charset=utf-8`,
    "Content-Transfer-Encoding: base64",
    "",
    body,
  ].join("\r\n");
  const mail = await readMime(Buffer.from(raw), given.envelope);
  return {
    ...mail,
    from: given.from ?? mail.from,
    recipients: [...new Set([...mail.recipients, ...(given.to ?? [])])],
    html: given.html,
    attachments: given.attachments.map(({ name, mimeType, bytes }) => ({
      name,
      mimeType: mimeType.toLowerCase(),
      bytes,
    })),
  };
}
