import type { InboundEvent } from "../contract/inbound-event.ts";
import type { EmailContext } from "./email-settings.ts";
import { type IncomingMail, messageIds } from "./incoming-mail.ts";
import { readBounceAddress, readMessageId, signsBounces } from "./mail-tokens.ts";
import { classify, isTemporary, type MailStatus } from "./smtp-status.ts";

/** Which message of ours a report is about. */
interface Subject {
  readonly deliveryId?: string;
  readonly externalId?: string;
}

const FROM_A_SERVER = /^(?:mailer-daemon|postmaster|bounces?)(?:[+@]|$)/i;

/**
 * What a mail from a mail server or mail program tells of a message of ours; undefined when it is a mail like others.
 * @see https://www.rfc-editor.org/rfc/rfc3464 delivery status
 * @see https://www.rfc-editor.org/rfc/rfc8098 read receipts
 */
export function reportOf(
  mail: IncomingMail,
  context: EmailContext,
  at: number,
): InboundEvent | undefined {
  const delivery = partOf(mail, "message/delivery-status");
  if (delivery !== undefined) return deliveryReport(mail, context, at, delivery);
  const disposition = partOf(mail, "message/disposition-notification");
  if (disposition !== undefined) return dispositionReport(mail, context, at, disposition);
  return plainBounce(mail, context, at);
}

function deliveryReport(
  mail: IncomingMail,
  context: EmailContext,
  at: number,
  report: string,
): InboundEvent {
  const about = subjectOf(mail, context);
  const blocks = report.split(/\r?\n(?:[ \t]*\r?\n)+/).map(fieldsOf);
  // Our mails have one recipient; what else is reported, such as copies, is not ours.
  const fields = blocks.find((block) => block.has("action")) ?? new Map<string, string>();
  const action = fields.get("action")?.toLowerCase() ?? "";
  if (about === undefined) return { type: "ignored", at, what: "a report about another's mail" };
  if (action === "delivered") return { type: "receipt", at, ...about, status: "delivered" };
  if (action !== "failed") {
    return {
      type: "ignored",
      at,
      what: `a report that a mail was ${action || "handled"}`.slice(0, 200),
    };
  }
  const status = fields.get("status")?.match(/[245]\.\d{1,3}\.\d{1,3}/)?.[0];
  const said = fields.get("diagnostic-code")?.replace(/^[^;]*;\s*/, "") ?? "";
  return failed(about, at, { ...(status === undefined ? {} : { enhanced: status }), text: said });
}

function failed(about: Subject, at: number, status: MailStatus): InboundEvent {
  const { class: klass, isGone } = classify(status);
  return {
    type: "receipt",
    at,
    ...about,
    status: "failed",
    error: {
      // What was only late at first has been given up by now.
      class: isTemporary(status) ? "unreachable" : klass,
      ...(status.enhanced === undefined ? {} : { code: status.enhanced }),
      reason: `The mail came back${status.text === "" ? "" : `. The server said: ${status.text.slice(0, 300)}`}`,
    },
    ...(isGone ? { suppressAddress: true } : {}),
  };
}

function dispositionReport(
  mail: IncomingMail,
  context: EmailContext,
  at: number,
  report: string,
): InboundEvent {
  const fields = fieldsOf(report);
  const [id] = messageIds(fields.get("original-message-id"));
  const about = subjectOf(mail, context, id);
  const isRead = /;\s*displayed\b/i.test(fields.get("disposition") ?? "");
  return about !== undefined && isRead
    ? { type: "receipt", at, ...about, status: "read" }
    : { type: "ignored", at, what: "a report of what became of a mail" };
}

/** Some servers report in words only; the address that it came to tells what about. */
function plainBounce(
  mail: IncomingMail,
  context: EmailContext,
  at: number,
): InboundEvent | undefined {
  const deliveryId = bounced(mail, context);
  if (deliveryId === undefined || !FROM_A_SERVER.test(mail.from?.address ?? "")) return undefined;
  const [enhanced] = mail.text.match(/\b[45]\.\d{1,3}\.\d{1,3}\b/) ?? [];
  const status = enhanced === undefined ? { text: "" } : { enhanced, text: "" };
  if (isTemporary(status)) return { type: "ignored", at, what: "a report that a mail is late" };
  return failed({ deliveryId }, at, status);
}

/**
 * The mail that a report is about: named by the address that it came to, else by the id in it or by the mail that it brings back. The
 * id of a mail is in every answer to it, and many see it: where the address for its reports is signed, none that came elsewhere is believed.
 */
function subjectOf(mail: IncomingMail, context: EmailContext, named?: string): Subject | undefined {
  const deliveryId = bounced(mail, context);
  const returned = partOf(mail, "message/rfc822") ?? partOf(mail, "text/rfc822-headers") ?? "";
  const [id] = messageIds(fieldsOf(returned).get("message-id"));
  const ids = [named ?? [], id ?? [], mail.inReplyTo, mail.references].flat();
  const [known] = ids.flatMap((one) => identify(context, one) ?? []);
  if (deliveryId === undefined) {
    return known !== undefined && signsBounces(context, known.deliveryId) ? undefined : known;
  }
  return { ...(known?.deliveryId === deliveryId ? known : {}), deliveryId };
}

function bounced(mail: IncomingMail, context: EmailContext): string | undefined {
  return mail.recipients.flatMap((one) => readBounceAddress(context, one) ?? [])[0];
}

function identify(context: EmailContext, id: string): Required<Subject> | undefined {
  const own = readMessageId(context, id);
  return own === undefined ? undefined : { externalId: id, deliveryId: own.deliveryId };
}

function partOf({ attachments }: IncomingMail, mimeType: string): string | undefined {
  const found = attachments.find((one) => one.mimeType === mimeType);
  return found === undefined ? undefined : Buffer.from(found.bytes).toString("utf8");
}

/** Fields as headers have them, unfolded, up to the first empty line. The first of a name counts. */
function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  const [head = ""] = text.replace(/^\s+/, "").split(/\r?\n\r?\n/, 1);
  for (const line of head.replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}
