import type { DeliveryErrorClass } from "@anywire/types";

/** What a mail server said of a mail, as far as it can be told from its codes. */
export interface MailStatus {
  /** Such as 550; absent in a report. */
  readonly code?: number;
  /** Such as `5.1.1`. */
  readonly enhanced?: string;
  readonly text: string;
}

/** What is to be made of it. */
export interface StatusClass {
  readonly class: DeliveryErrorClass;
  /** Whether the mailbox is not there, and will not be. */
  readonly isGone: boolean;
  readonly retryAfterMs?: number;
}

type Row = readonly [status: RegExp, klass: DeliveryErrorClass, isGone?: boolean];

/** Permanent, by what RFC 3463 and the registry of enhanced codes say. The first that fits counts. */
const PERMANENT: readonly Row[] = [
  [/^5\.1\.(?:1|6|10)$/, "invalid_recipient", true],
  [/^5\.1\.[78]$/, "auth"],
  [/^5\.1\./, "invalid_recipient"],
  [/^5\.2\.3$/, "too_large"],
  [/^5\.2\./, "unreachable"],
  [/^5\.3\.4$/, "too_large"],
  [/^5\.3\./, "unreachable"],
  [/^5\.4\./, "unreachable"],
  [/^5\.6\.7$/, "unsupported"],
  [/^5\.6\./, "content_rejected"],
  [/^5\.7\.(?:3|8|9|11|14|57)$/, "auth"],
  [/^5\.7\./, "spam_blocked"],
];

/** Where there is no enhanced code. @see https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3 */
const BY_CODE: Readonly<Record<number, DeliveryErrorClass>> = {
  521: "unreachable",
  523: "too_large",
  530: "auth",
  534: "auth",
  535: "auth",
  538: "auth",
  550: "invalid_recipient",
  551: "invalid_recipient",
  552: "too_large",
  553: "invalid_recipient",
  554: "spam_blocked",
  555: "unsupported",
  556: "unreachable",
};

const GONE =
  /\b(?:user|mailbox|recipient|address)\b.{0,30}\b(?:unknown|not found|does not exist|doesn't exist|no such)|\bno such (?:user|mailbox|recipient)|\bunknown (?:user|mailbox|recipient)/i;
const SPAM = /\b(?:spam|blocked|blacklist|block ?list|reputation|dmarc|spf|policy)\b/i;
const WAIT = /\b(\d{1,5})\s*(s|sec|secs|seconds?|m|min|mins|minutes?)\b/i;

/** Takes a server's answer apart: `550 5.1.1 no such user`. */
export function readReply(reply: string): MailStatus {
  const text = reply.replace(/[\p{Cc}\s]+/gu, " ").trim();
  const [, code, enhanced] = /^(\d{3})[ -](?:([245]\.\d{1,3}\.\d{1,3})\b)?/.exec(text) ?? [];
  return {
    ...(code === undefined ? {} : { code: Number(code) }),
    ...(enhanced === undefined ? {} : { enhanced }),
    text,
  };
}

/** Whether the server says that it may be tried again. */
export function isTemporary({ code, enhanced }: MailStatus): boolean {
  return code === undefined ? enhanced?.startsWith("4") === true : code >= 400 && code < 500;
}

/** What is to be made of what a server said. */
export function classify(status: MailStatus): StatusClass {
  if (isTemporary(status)) return temporary(status);
  const { code, enhanced, text } = status;
  for (const [pattern, klass, isGone = false] of enhanced === undefined ? [] : PERMANENT) {
    if (pattern.test(enhanced ?? "")) return { class: klass, isGone };
  }
  const klass = (code === undefined ? undefined : BY_CODE[code]) ?? "unknown";
  if (klass !== "invalid_recipient") return { class: klass, isGone: false };
  if (GONE.test(text)) return { class: klass, isGone: true };
  // Many servers answer 550 to whom they don't like.
  return { class: SPAM.test(text) ? "spam_blocked" : klass, isGone: false };
}

function temporary({ code, enhanced, text }: MailStatus): StatusClass {
  const [, amount, unit = ""] = WAIT.exec(text) ?? [];
  const seconds = Number(amount ?? 0) * (unit.toLowerCase().startsWith("m") ? 60 : 1);
  const isBusy = code === 421 || enhanced?.startsWith("4.3.") || enhanced?.startsWith("4.4.");
  return {
    class: isBusy ? "network" : "rate_limited",
    isGone: false,
    ...(seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
  };
}
