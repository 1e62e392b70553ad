import type { DeliveryErrorClass } from "@anywire/types";
import type { Rejected, SendJob, SendResult } from "../contract/send.ts";
import { type ComposedMail, composeMail } from "./compose-mail.ts";
import type { EmailContext } from "./email-settings.ts";
import { type SmtpError, smtpPoolOf } from "./smtp-pool.ts";
import { classify, readReply } from "./smtp-status.ts";

const MAILBOX = /^[^\s\p{Cc}<>()[\]\\,;:"@]+@[^\s\p{Cc}<>()[\]\\,;:"@]+$/u;

/** What to do about each kind of trouble. */
const ADVICE: Readonly<Partial<Record<DeliveryErrorClass, string>>> = {
  invalid_recipient: "The mailbox is not there; check the address",
  unreachable: "The mailbox can't take mail now; use another way to reach them",
  too_large: "The mail is larger than the server takes; send less or smaller attachments",
  content_rejected: "The server refuses what is in the mail; change it",
  spam_blocked: "The server takes the mail for spam; check SPF, DKIM and DMARC of the domain",
  auth: "The mail server refuses the sender; check smtp.user, the password and the address in from",
  rate_limited: "The server asks to slow down",
  network: "The mail server is not there now",
  unsupported: "The server can't take such a mail",
  unknown: "The server refused the mail",
};

/** Sends one message as a mail. */
export async function sendMail(job: SendJob, context: EmailContext): Promise<SendResult> {
  const to = job.to.slice(job.to.indexOf(":") + 1);
  if (!job.to.startsWith("email:") || !MAILBOX.test(to)) {
    return { outcome: "rejected", class: "invalid_recipient", reason: "That is no email address" };
  }
  let mail: ComposedMail;
  try {
    mail = await composeMail(context, job, to);
  } catch {
    return {
      outcome: "rejected",
      class: "network",
      reason: "An attachment could not be read; it is tried again",
    };
  }
  const { messageId, envelope, raw } = mail;
  const sent = await smtpPoolOf(context).send(envelope, raw, job.signal);
  if (sent.outcome === "refused") return rejectedBy(sent.error);
  if (sent.outcome === "lost") {
    return {
      outcome: "unknown",
      reason: "The whole mail was handed over, and the server did not say whether it took it",
    };
  }
  // Some relays give the mail another id, which answers will name.
  const { serverMessageId } = sent;
  const isOther = serverMessageId !== undefined && serverMessageId !== messageId;
  return { outcome: "accepted", externalIds: isOther ? [messageId, serverMessageId] : [messageId] };
}

/** Kinds of trouble that nodemailer names, where the server gave no code. */
const BY_NAME: Readonly<Record<string, DeliveryErrorClass>> = {
  EAUTH: "auth",
  ENOAUTH: "auth",
  EENVELOPE: "invalid_recipient",
  EMESSAGE: "too_large",
};

function rejectedBy(error: SmtpError): Rejected {
  const { responseCode, response, code = "" } = error;
  if (responseCode === undefined || response === undefined) {
    const klass = BY_NAME[code] ?? "network";
    return { outcome: "rejected", class: klass, reason: reasonOf(klass) };
  }
  const status = readReply(response);
  const { class: klass, isGone, retryAfterMs } = classify(status);
  return {
    outcome: "rejected",
    class: klass,
    code: status.enhanced ?? String(responseCode),
    // What a server says to a sign-in may have in it what was said to it.
    reason: reasonOf(klass, code === "EAUTH" || klass === "auth" ? "" : status.text),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(isGone ? { suppressAddress: true } : {}),
  };
}

function reasonOf(klass: DeliveryErrorClass, said = ""): string {
  const advice = ADVICE[klass] ?? "The server refused the mail";
  return said === "" ? advice : `${advice}. It said: ${said.slice(0, 300)}`;
}
