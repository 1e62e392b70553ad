import { domainIn, speaksFor } from "./check-sender.ts";
import type { Headers, IncomingMail, SenderCheck } from "./incoming-mail.ts";

/**
 * What Mailgun found out about who a mail is from. It says so only where its spam filter is on, in headers above those that the mail
 * came with: others by these names the sender wrote.
 * @see https://documentation.mailgun.com/docs/mailgun/user-manual/receive-forward-store/spam-filter
 */
export function checkMailgunSender(mail: IncomingMail): SenderCheck {
  const author = authorOf(mail);
  const { headers, envelopeFrom = "" } = mail;
  const end = headers.findIndex(([name]) => name === "received");
  const own = headers.slice(0, Math.max(end, 0));
  const hasPassed = (name: string): boolean => /^pass$/i.test(textOf(own, name));
  const signers = headers.flatMap(([name, value]) =>
    name === "dkim-signature" ? [signerOf(value)] : [],
  );
  // It does not say which of the signatures holds.
  const isSigned =
    hasPassed("x-mailgun-dkim-check-result") &&
    signers.length > 0 &&
    signers.every((one) => speaksFor(one, author));
  const isSent = hasPassed("x-mailgun-spf") && speaksFor(domainIn(envelopeFrom), author);
  const isFound = author !== "" && hasAuthorsSignature(textOf(own, "x-mailgun-spam-rules"));
  return isSigned || isSent || isFound ? "proven" : "unproven";
}

/**
 * What Postmark found out about who a mail is from, given the headers that it posts. Its own are above those that the mail came with,
 * so that the first by their names are its own.
 * @see https://postmarkapp.com/developer/user-guide/inbound/parse-an-email
 */
export function checkPostmarkSender(mail: IncomingMail, headers: Headers): SenderCheck {
  const author = authorOf(mail);
  const server = textOf(headers, "received-spf");
  const [, sender = ""] = /^pass\b.*;\s*envelope-from="?([^\s;"]+)/i.exec(server) ?? [];
  const isSent = speaksFor(domainIn(sender), author);
  const isFound = author !== "" && hasAuthorsSignature(textOf(headers, "x-spam-tests"));
  return isSent || isFound ? "proven" : "unproven";
}

/** The domain that the mail says to be from; empty when it names several, since it is not said which of them is proven. */
function authorOf({ from, authors, headers }: IncomingMail): string {
  const domains = new Set(authors.map(domainIn));
  const domain = domainIn(from?.address ?? "");
  const isOne = headers.filter(([name]) => name === "from").length === 1 && domains.size === 1;
  return isOne && domains.has(domain) ? domain : "";
}

/** Whether among what SpamAssassin found is a signature of the author's own domain. */
function hasAuthorsSignature(found: string): boolean {
  return /(?:^|[\s,])DKIM_VALID_AU(?:$|[\s,])/.test(found);
}

function textOf(headers: Headers, wanted: string): string {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1].trim() ?? "";
}

function signerOf(signature: string): string {
  return /(?:^|;)\s*d\s*=\s*([^\s;]+)/.exec(signature)?.[1] ?? "";
}
