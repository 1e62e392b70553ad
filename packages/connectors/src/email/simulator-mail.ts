import { randomUUID } from "node:crypto";
import type { HandsetDraft } from "../contract/simulator.ts";
import { replySubject } from "./subject.ts";

/** A mail on its way to the product. */
export interface OutgoingMail {
  readonly messageId: string;
  /** Empty for mail that nobody shall answer. */
  readonly envelopeFrom: string;
  readonly envelopeTo: string;
  /** As it is on the wire; each character is one byte. */
  readonly raw: string;
}

/** A mail that a person got, as far as their mail program needs it. */
export interface ReceivedMail {
  readonly messageId: string;
  readonly person: string;
  readonly envelopeFrom: string;
  /** Where an answer goes. */
  readonly answerTo: string;
  readonly from: string;
  readonly subject: string;
  readonly references: readonly string[];
  readonly text: string;
  readonly at: number;
  /** Who wants to know that it was read. */
  readonly receiptTo: string | undefined;
}

/** A mail as a person's mail program makes it: an answer quotes what it answers. */
export async function composePersonMail(
  person: string,
  business: string,
  draft: HandsetDraft,
  answered: ReceivedMail | undefined,
): Promise<OutgoingMail> {
  const { default: MailComposer } = await import("nodemailer/lib/mail-composer");
  const messageId = `<${randomUUID()}@${person.slice(person.lastIndexOf("@") + 1)}>`;
  const to = answered?.answerTo ?? business;
  const given = draft.subject ?? "";
  const subject = answered !== undefined && given === "" ? replySubject(answered.subject) : given;
  const composer = new MailComposer({
    messageId,
    from: person,
    to,
    subject,
    text: answered === undefined ? draft.text : `${draft.text}\n\n${quote(answered)}`,
    ...(answered === undefined
      ? {}
      : {
          inReplyTo: answered.messageId,
          references: [...answered.references, answered.messageId],
        }),
    ...(draft.media === undefined
      ? {}
      : {
          attachments: [
            {
              filename: draft.media.name,
              contentType: draft.media.mimeType,
              content: Buffer.from(draft.media.bytes),
            },
          ],
        }),
  });
  const bytes = await composer.compile().build();
  return { messageId, envelopeFrom: person, envelopeTo: to, raw: bytes.toString("latin1") };
}

function quote({ from, text, at }: ReceivedMail): string {
  const lines = text.trimEnd().split("\n");
  return [
    `On ${new Date(at).toUTCString()}, ${from} wrote:`,
    "",
    ...lines.map((one) => `> ${one}`),
  ].join("\n");
}

/** What a mail server reports when it could not deliver a mail after all. @see https://www.rfc-editor.org/rfc/rfc3464 */
export function composeBounce(mail: ReceivedMail): OutgoingMail {
  const host = mail.person.slice(mail.person.lastIndexOf("@") + 1);
  return report(mail, {
    from: `Mail Delivery System <mailer-daemon@${host}>`,
    envelopeFrom: "",
    to: mail.envelopeFrom,
    subject: "Undelivered Mail Returned to Sender",
    type: "delivery-status",
    text: `Your mail to ${mail.person} could not be delivered.`,
    fields: [
      `Reporting-MTA: dns; ${host}`,
      "",
      `Final-Recipient: rfc822; ${mail.person}`,
      "Action: failed",
      "Status: 5.2.1",
      "Diagnostic-Code: smtp; 550 5.2.1 The mailbox is disabled",
    ],
  });
}

/** What a mail program reports when a mail was read. @see https://www.rfc-editor.org/rfc/rfc8098 */
export function composeReadReceipt(mail: ReceivedMail, to: string): OutgoingMail {
  return report(mail, {
    from: mail.person,
    envelopeFrom: "",
    to,
    subject: `Read: ${mail.subject}`,
    type: "disposition-notification",
    text: `Your mail to ${mail.person} was read.`,
    fields: [
      `Final-Recipient: rfc822; ${mail.person}`,
      `Original-Message-ID: ${mail.messageId}`,
      "Disposition: manual-action/MDN-sent-manually; displayed",
    ],
  });
}

interface Report {
  readonly from: string;
  readonly envelopeFrom: string;
  readonly to: string;
  readonly subject: string;
  readonly type: "delivery-status" | "disposition-notification";
  readonly text: string;
  readonly fields: readonly string[];
}

function report(mail: ReceivedMail, given: Report): OutgoingMail {
  const boundary = `report-${randomUUID()}`;
  const host = mail.person.slice(mail.person.lastIndexOf("@") + 1);
  const messageId = `<${randomUUID()}@${host}>`;
  const raw = [
    `From: ${given.from}`,
    `To: ${given.to}`,
    `Subject: ${given.subject.replace(/[^\x20-\x7e]/g, "?")}`,
    `Date: ${new Date(mail.at).toUTCString()}`,
    `Message-ID: ${messageId}`,
    "Auto-Submitted: auto-replied",
    "MIME-Version: 1.0",
    `Content-Type: multipart/report; report-type=${given.type}; boundary="${boundary}"`,
    "",
    `--${boundary}`,
    "Content-Type: text/plain; charset=us-ascii",
    "",
    given.text,
    "",
    `--${boundary}`,
    `Content-Type: message/${given.type}`,
    "",
    ...given.fields,
    "",
    `--${boundary}`,
    "Content-Type: text/rfc822-headers",
    "",
    `Message-ID: ${mail.messageId}`,
    `To: ${mail.person}`,
    "",
    `--${boundary}--`,
    "",
  ].join("\r\n");
  const { envelopeFrom, to } = given;
  return { messageId, envelopeFrom, envelopeTo: to, raw };
}
