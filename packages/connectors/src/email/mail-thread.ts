import type { EmailContext } from "./email-settings.ts";
import type { IncomingMail } from "./incoming-mail.ts";
import { readMessageId, readReplyAddress, subjectTag } from "./mail-tokens.ts";
import { bareSubject, subjectKey } from "./subject.ts";

/** Where a mail belongs. */
export interface MailThread {
  readonly replyTo?: string;
  readonly references?: readonly string[];
  readonly thread?: string;
  readonly title?: string;
}

const MAX_REFERENCES = 50;

/**
 * Where a mail belongs: to the channel that the address names which it came to; else to that of the mails it refers to, the
 * nearest first; else to other mails of the same subject. Whoever answers under another subject begins something new, so what
 * the mail refers to counts for nothing then. The ids and addresses that we give carry what the subject was.
 */
export function threadOf(mail: IncomingMail, context: EmailContext): MailThread {
  const { subject, references, inReplyTo, recipients } = mail;
  const key = subjectKey(subject);
  const place = {
    ...(key === "" ? {} : { thread: key, title: bareSubject(subject).slice(0, 200) }),
  };
  const [token] = recipients.flatMap((one) => readReplyAddress(context, one) ?? []);
  const ids = [...new Set([...[...references].reverse(), ...inReplyTo])];
  const [own] = ids.flatMap((id) => readMessageId(context, id) ?? []);
  const tag = token?.subjectTag ?? own?.subjectTag;
  // An answer without any subject is an answer still.
  if (tag !== undefined && key !== "" && tag !== subjectTag(subject)) return place;
  const known = [...(token === undefined ? [] : [`channel:${token.channel}`]), ...ids];
  const answered = inReplyTo.at(-1) ?? ids[0];
  return {
    ...place,
    ...(answered === undefined ? {} : { replyTo: answered }),
    ...(known.length === 0 ? {} : { references: known.slice(0, MAX_REFERENCES) }),
  };
}
