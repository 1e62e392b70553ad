import { Script } from "node:vm";
import type { IncomingMail } from "./incoming-mail.ts";

/** Longer ones are looked at as they are: nobody types that much, and patterns would take long. */
const MAX_PARSED = 50_000;
/**
 * So long may looking for quotes take, ms: some of the patterns take for ever over a few kilobytes that were written for it, and
 * the whole server would stand still.
 */
const MAX_PARSE_MS = 300;
const FORWARDED = /^\s*(?:fwd?|wg|tr|rv|enc|doorst|vs|转发|転送)\s*[:：]/iu;

/** What is run in it can be broken off, a pattern in the middle of its work as well. */
const BREAKABLE = new Script("run()");

/**
 * What somebody wrote, without the mail that it answers. All of it where nothing would be left, where that would take too long to
 * find out, and of mail that was passed on, since what it quotes is what it is about.
 */
export async function replyText({ text, subject }: IncomingMail): Promise<string> {
  // Characters of no meaning that no store takes.
  const whole = text.replace(/\r\n?/g, "\n").replaceAll("\0", "").trim();
  if (whole.length > MAX_PARSED || FORWARDED.test(subject)) return whole;
  const { default: EmailReplyParser } = await import("email-reply-parser");
  return inTime(() => new EmailReplyParser().parseReply(whole).trim()) || whole;
}

/** Undefined when it takes too long. @throws {Error} what it throws */
function inTime(run: () => string): string | undefined {
  try {
    return BREAKABLE.runInNewContext({ run }, { timeout: MAX_PARSE_MS });
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT")
      return undefined;
    throw error;
  }
}
