import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import type { Message } from "@anywire/types";
import type { SendJob } from "../contract/send.ts";
import type { EmailContext } from "./email-settings.ts";
import { bounceAddressOf, messageIdOf, replyAddressOf } from "./mail-tokens.ts";
import { bareSubject, replySubject } from "./subject.ts";
import { textToHtml } from "./text-to-html.ts";

/** A mail that is ready to go. */
export interface ComposedMail {
  readonly messageId: string;
  readonly envelope: { readonly from: string; readonly to: string };
  /** The mail as bytes. Destroying it lets go of the attachments. */
  readonly raw: Readable;
}

const MAX_SUBJECT = 200;
const FIRST_WORDS = 60;

/** Makes a mail of a message. @throws {Error} when an attachment can't be read */
export async function composeMail(
  context: EmailContext,
  job: SendJob,
  to: string,
): Promise<ComposedMail> {
  const { settings } = context;
  const { deliveryId, channel } = job;
  const { default: MailComposer } = await import("nodemailer/lib/mail-composer");
  const subject = subjectOf(job);
  const messageId = messageIdOf(context, { deliveryId, channel, subject });
  const replyTo = replyAddressOf(context, { channel, subject });
  const text = textOf(job);
  const attachments = await attachmentsOf(job);
  const from = bounceAddressOf(context, deliveryId) ?? settings.from;
  const composer = new MailComposer({
    // Never what a text says: a file's path or a URL would be read.
    disableFileAccess: true,
    disableUrlAccess: true,
    messageId,
    date: new Date(context.now()),
    from: { name: oneLine(settings.fromName ?? job.senderName ?? ""), address: settings.from },
    to: { name: "", address: to },
    ...(replyTo === undefined ? {} : { replyTo: { name: "", address: replyTo } }),
    subject,
    ...threadOf(job),
    headers: headersOf(context, job, { to, reports: from }),
    text,
    html: htmlOf(job) ?? textToHtml(text),
    attachments,
  });
  const raw = composer.compile().createReadStream();
  // Whoever sends it looks at it; without a listener an error in between would end the process.
  raw.on("error", () => undefined);
  raw.once("close", () => {
    for (const { content } of attachments) content.destroy();
  });
  for (const { content } of attachments) {
    content.on("error", (error) => raw.destroy(error));
    if (content.errored !== null) raw.destroy(content.errored);
  }
  return { messageId, envelope: { from, to }, raw };
}

/**
 * What the message says of itself, else the channel's title, else what the first mail had or how it begins: mailboxes show a mail with
 * another subject as another conversation.
 */
function subjectOf(job: SendJob): string {
  const own = subjectIn(job.content.message);
  if (own !== undefined) return own.slice(0, MAX_SUBJECT);
  const title = oneLine(job.title ?? "").slice(0, MAX_SUBJECT);
  const subject = title === "" ? openingSubject(job) : title;
  return isReply(job) ? replySubject(subject) : bareSubject(subject) || subject;
}

function openingSubject({ opening, content }: SendJob): string {
  const own = opening === undefined ? undefined : subjectIn(opening);
  return own?.slice(0, MAX_SUBJECT) ?? firstWords(opening?.text ?? content.text);
}

function firstWords(text: string): string {
  const words = oneLine(text);
  if (words === "") return "Message";
  if (words.length <= FIRST_WORDS) return words;
  const cut = words.slice(0, FIRST_WORDS);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), FIRST_WORDS / 2)).trim()}…`;
}

function isReply({ replyTo, references }: SendJob): boolean {
  return replyTo !== undefined || references.length > 0;
}

/** What the mail answers, and the mails before it: without these it stands alone in the reader's mailbox. */
function threadOf({ replyTo, references }: SendJob): { inReplyTo?: string; references?: string[] } {
  const ids = [...references, ...(replyTo === undefined ? [] : [replyTo])].filter(isMessageId);
  const unique = [...new Set(ids.reverse())].reverse();
  const answered = unique.at(-1);
  return answered === undefined ? {} : { inReplyTo: answered, references: unique };
}

/** Mail that came without an id got one from us, which nobody else knows. */
function isMessageId(id: string): boolean {
  return /^<[^\s<>]+>$/.test(id);
}

function headersOf(
  context: EmailContext,
  job: SendJob,
  { to, reports }: { readonly to: string; readonly reports: string },
): Record<string, string> {
  const { settings } = context;
  const headers: Record<string, string> = {};
  if (settings.readReceipts) headers["Disposition-Notification-To"] = `<${reports}>`;
  if (job.kind !== "bulk") return headers;
  const mailto = `<mailto:${settings.from}?subject=unsubscribe>`;
  if (settings.unsubscribeUrl === undefined) {
    headers["List-Unsubscribe"] = mailto;
  } else {
    const url = settings.unsubscribeUrl
      .replaceAll("{address}", encodeURIComponent(to))
      .replaceAll("{delivery}", encodeURIComponent(job.deliveryId));
    headers["List-Unsubscribe"] = `<${url}>, ${mailto}`;
    headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click";
  }
  return headers;
}

/** The text, and behind it where media are that can't be attached. */
function textOf({ content }: SendJob): string {
  const links = content.media
    .filter(({ source }) => source === undefined)
    .map(({ part }) => (part.name === undefined ? part.url : `${part.name}: ${part.url}`));
  return [content.text, ...links].filter((one) => one !== "").join("\n\n");
}

function htmlOf(job: SendJob): string | undefined {
  const html = job.content.message.meta?.["html"];
  return typeof html === "string" && html.trim() !== "" ? html : undefined;
}

function subjectIn(message: Message): string | undefined {
  const value = message.meta?.["subject"];
  const subject = typeof value === "string" ? oneLine(value) : "";
  return subject === "" ? undefined : subject;
}

async function attachmentsOf({
  content,
}: SendJob): Promise<{ filename: string; contentType: string; content: Readable }[]> {
  const attachments: { filename: string; contentType: string; content: Readable }[] = [];
  try {
    for (const { source } of content.media) {
      if (source === undefined) continue;
      // Of Node's own type, which is the same thing.
      const bytes = (await source.open()) as ReadableStream<Uint8Array>;
      const content = Readable.fromWeb(bytes);
      content.on("error", () => undefined);
      const [filename, contentType] = [oneLine(source.name), oneLine(source.mimeType)];
      attachments.push({ filename, contentType, content });
    }
  } catch (error) {
    for (const attachment of attachments) attachment.content.destroy();
    throw error;
  }
  return attachments;
}

/** A header is one line: what came after a break would be another header. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
}
