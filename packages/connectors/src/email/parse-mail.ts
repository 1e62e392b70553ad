import { canonicalAddress } from "@anywire/core";
import type { InboundEvent, MediaReference } from "../contract/inbound-event.ts";
import { type EmailContext, isOwnAddress, isOwnSender, plainMailbox } from "./email-settings.ts";
import type { IncomingMail, MailAttachment, SenderCheck } from "./incoming-mail.ts";
import { reportOf } from "./mail-report.ts";
import { threadOf } from "./mail-thread.ts";
import { replyText } from "./reply-text.ts";
import { subjectKey } from "./subject.ts";

/** What a mail tells. */
export async function parseMail(
  mail: IncomingMail,
  context: EmailContext,
): Promise<readonly InboundEvent[]> {
  const at = timeOf(mail, context);
  const report = reportOf(mail, context, at);
  if (report !== undefined) return [report];
  if (mail.senderCheck === "refused") {
    return [{ type: "ignored", at, what: "a mail that its sender's domain wants refused" }];
  }
  const { from } = mail;
  const address = canonical(from?.address ?? "");
  if (from === undefined || address === undefined) {
    return [{ type: "ignored", at, what: "a mail without a sender who could be answered" }];
  }
  if (isOwnSender(context.settings, from.address)) {
    return [{ type: "ignored", at, what: "a mail of our own" }];
  }
  const name = plain(from.name).slice(0, 200);
  const sender = { addresses: [address], ...(name === "" ? {} : { name }) };
  if (isUnsubscription(mail)) {
    const reason = "Unsubscribed by a mail with that subject";
    return [{ type: "consent", at, sender, state: "out", reason }];
  }
  const receiver = mail.recipients.find((one) => isOwnAddress(context.settings, one));
  const senderCheck = checkOf(mail, context);
  const written = await replyText(mail);
  const media = mail.attachments.map(referenceOf);
  // Some people write all they have to say into the subject.
  const text = written === "" && media.length === 0 ? plain(mail.subject) : written;
  if (text === "" && media.length === 0) return [{ type: "ignored", at, what: "an empty mail" }];
  return [
    {
      type: "message",
      at,
      externalId: mail.messageId,
      sender,
      ...proofOf(senderCheck),
      ...(receiver === undefined ? {} : { receiver: plainMailbox(receiver) }),
      ...(text === "" ? {} : { text }),
      ...(media.length === 0 ? {} : { media }),
      ...threadOf(mail, context),
      meta: metaOf(mail, senderCheck),
    },
  ];
}

/** What was found out about the sender; nothing where nobody was to look. */
function checkOf(mail: IncomingMail, { settings }: EmailContext): SenderCheck | undefined {
  return settings.senderCheck === "off" ? undefined : mail.senderCheck;
}

function proofOf(check: SenderCheck | undefined): { readonly isSenderProven?: boolean } {
  return check === undefined ? {} : { isSenderProven: check === "proven" };
}

function canonical(address: string): string | undefined {
  try {
    return canonicalAddress(`email:${address}`);
  } catch {
    return undefined;
  }
}

function plain(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ").trim();
}

/** When it was written, as it says; nothing was written after now. */
function timeOf({ date }: IncomingMail, context: EmailContext): number {
  const now = context.now();
  const written = date?.getTime() ?? Number.NaN;
  return Number.isNaN(written) || written < 0 ? now : Math.min(written, now);
}

/** What `List-Unsubscribe` makes mail programs send. */
function isUnsubscription({ subject, inReplyTo, references }: IncomingMail): boolean {
  const isAnswer = inReplyTo.length > 0 || references.length > 0;
  return !isAnswer && subjectKey(subject) === "unsubscribe";
}

function metaOf(
  mail: IncomingMail,
  senderCheck: SenderCheck | undefined,
): Record<string, string | number | boolean> {
  return {
    ...(mail.subject === "" ? {} : { subject: mail.subject.slice(0, 500) }),
    ...(isAutomatic(mail) ? { autoReply: true } : {}),
    ...(senderCheck === undefined ? {} : { senderCheck }),
  };
}

/**
 * Whether a machine wrote it: what answers by itself must not answer it, or both go on for ever.
 * @see https://www.rfc-editor.org/rfc/rfc3834
 */
function isAutomatic(mail: IncomingMail): boolean {
  const submitted = mail.header("auto-submitted")?.toLowerCase() ?? "no";
  return (
    !/^no\b/.test(submitted) ||
    mail.envelopeFrom === "" ||
    /\b(?:auto_reply|bulk|junk|list)\b/i.test(mail.header("precedence") ?? "") ||
    ["x-autoreply", "x-autorespond", "x-auto-reply", "list-id", "list-unsubscribe"].some(
      (name) => mail.header(name) !== undefined,
    )
  );
}

function referenceOf({ name, mimeType, bytes }: MailAttachment, index: number): MediaReference {
  return {
    kind: kindOf(mimeType),
    ref: `part:${index}`,
    name: nameOf(name, mimeType, index),
    mimeType,
    sizeBytes: bytes.length,
    bytes,
  };
}

function kindOf(mimeType: string): MediaReference["kind"] {
  const [kind] = mimeType.split("/");
  return kind === "image" || kind === "audio" || kind === "video" ? kind : "file";
}

function nameOf(name: string | undefined, mimeType: string, index: number): string {
  const given =
    name
      ?.replace(/[\p{Cc}/\\]+/gu, "_")
      .trim()
      .slice(-200) ?? "";
  if (given !== "") return given;
  return mimeType === "message/rfc822" ? `mail-${index + 1}.eml` : `attachment-${index + 1}`;
}
