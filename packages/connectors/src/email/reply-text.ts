import type { IncomingMail } from "./incoming-mail.ts";

/** Longer ones are looked at as they are: nobody types that much, and patterns would take long. */
const MAX_PARSED = 50_000;
const FORWARDED = /^\s*(?:fwd?|wg|tr|rv|enc|doorst|vs|转发|転送)\s*[:：]/iu;

/**
 * What somebody wrote, without the mail that it answers. All of it where nothing would be left, and of mail that was passed on,
 * since what it quotes is what it is about.
 */
export async function replyText({ text, subject }: IncomingMail): Promise<string> {
  // Characters of no meaning that no store takes.
  const whole = text.replace(/\r\n?/g, "\n").replaceAll("\0", "").trim();
  if (whole.length > MAX_PARSED || FORWARDED.test(subject)) return whole;
  const { default: EmailReplyParser } = await import("email-reply-parser");
  const reply = new EmailReplyParser().parseReply(whole).trim();
  return reply === "" ? whole : reply;
}
