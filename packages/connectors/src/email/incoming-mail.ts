import { createHash } from "node:crypto";
import type { AddressObject, Attachment, ParsedMail } from "mailparser";
import type { WebhookRequest } from "../contract/webhook.ts";
import { valueOfField } from "./mail-head.ts";

/** A file that a mail brought. */
export interface MailAttachment {
  readonly name: string | undefined;
  readonly mimeType: string;
  readonly bytes: Uint8Array;
}

/**
 * Whether a mail is from the domain that it says: `proven`; `unproven`: nothing tells; `failed`: it is not, as far as can be told, and
 * the domain warns of such mail; `refused`: as `failed`, and taken only because it may be a report.
 */
export type SenderCheck = "proven" | "unproven" | "failed" | "refused";

/** Headers in their order, each on one line. */
export type Headers = readonly (readonly [name: string, value: string])[];

/** A mail, however it came in. */
export interface IncomingMail {
  readonly from: { readonly address: string; readonly name: string } | undefined;
  /** The addresses of all whom it says to be from. */
  readonly authors: readonly string[];
  /** All addresses that it was sent to; those of the envelope first. */
  readonly recipients: readonly string[];
  /** The sender that the envelope names; empty for mail that nobody shall answer; undefined when it is not known. */
  readonly envelopeFrom: string | undefined;
  readonly subject: string;
  /** With its brackets; made from the mail itself when it has none. */
  readonly messageId: string;
  /** With their brackets. */
  readonly inReplyTo: readonly string[];
  /** With their brackets, the oldest first. */
  readonly references: readonly string[];
  readonly date: Date | undefined;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly MailAttachment[];
  /** Undefined when nobody looked. */
  readonly senderCheck: SenderCheck | undefined;
  /** All headers; names in small letters. */
  readonly headers: Headers;
  /** The first header of a name, in small letters; undefined when there is none. */
  header(name: string): string | undefined;
}

/** The method of requests that a listener makes itself: no HTTP server hands such a one on, and `verify` refuses it. */
export const MAIL_METHOD = "MAIL";

/** What the envelope of a mail said. */
export interface MailEnvelope {
  /** Undefined when it is not known, as in a mailbox. */
  readonly from: string | undefined;
  readonly to: readonly string[];
}

const FROM_HEADER = "x-envelope-from";
const TO_HEADER = "x-envelope-to";
const CHECK_HEADER = "x-sender-check";
const CHECKS: readonly string[] = [
  "proven",
  "unproven",
  "failed",
  "refused",
] satisfies SenderCheck[];
const MAX_HTML = 1_000_000;
const MAX_ID = 512;
const MAX_IDS = 200;

/** A mail that a listener took in, as what is stored and parsed later. */
export function mailRequest(
  connection: string,
  { from, to }: MailEnvelope,
  raw: Uint8Array,
  check?: SenderCheck,
): WebhookRequest {
  return {
    method: MAIL_METHOD,
    url: `mail:${connection}`,
    headers: {
      "content-type": "message/rfc822",
      ...(from === undefined ? {} : { [FROM_HEADER]: encodeURIComponent(from) }),
      [TO_HEADER]: to.map(encodeURIComponent).join(","),
      ...(check === undefined ? {} : { [CHECK_HEADER]: check }),
    },
    body: raw,
  };
}

/** The mail in a request that a listener made. */
export async function readMailRequest({ headers, body }: WebhookRequest): Promise<IncomingMail> {
  const from = headers[FROM_HEADER];
  const to = (headers[TO_HEADER] ?? "").split(",").filter((one) => one !== "");
  const check = headers[CHECK_HEADER];
  const mail = await readMime(body, {
    from: from === undefined ? undefined : decodeURIComponent(from),
    to: to.map(decodeURIComponent),
  });
  return { ...mail, senderCheck: isCheck(check) ? check : undefined };
}

function isCheck(text: string | undefined): text is SenderCheck {
  return text !== undefined && CHECKS.includes(text);
}

/** Reads a mail as it is on the wire. Broken ones give what can be read of them. @throws {Error} when it is none */
export async function readMime(raw: Uint8Array, envelope: MailEnvelope): Promise<IncomingMail> {
  const { simpleParser } = await import("mailparser");
  const parsed = await simpleParser(Buffer.from(raw), {
    keepDeliveryStatus: true,
    keepCidLinks: true,
    skipTextToHtml: true,
    maxHtmlLengthToParse: MAX_HTML,
    checksumAlgo: false,
  });
  if (!parsed.headerLines.some(({ line }) => line.indexOf(":") > 0))
    throw new Error("the request has no mail in it");
  const headers = parsed.headerLines.map(({ key, line }) => [key, valueOfField(line)] as const);
  const header = (name: string): string | undefined => headers.find(([key]) => key === name)?.[1];
  const [from] = parsed.from?.value.flatMap(({ group, ...one }) => group ?? [one]) ?? [];
  const named = ["to", "cc", "delivered-to", "x-original-to"].flatMap((name) =>
    addressesOf(parsed.headers.get(name)),
  );
  return {
    from:
      from?.address === undefined || from.address === ""
        ? undefined
        : { address: from.address, name: from.name },
    authors: addressesOf(parsed.from),
    recipients: [...new Set([...envelope.to, ...named])],
    envelopeFrom: envelope.from ?? returnPath(header("return-path")),
    subject: parsed.subject ?? "",
    messageId: messageIdOr(parsed.messageId, raw),
    inReplyTo: messageIds(header("in-reply-to")),
    references: messageIds(header("references")),
    date: parsed.date,
    ...textsOf(parsed),
    attachments: parsed.attachments.map(attachmentOf),
    senderCheck: undefined,
    headers,
    header,
  };
}

/** All ids of messages in a header, with their brackets. */
export function messageIds(header: string | undefined): string[] {
  const ids = header?.match(/<[^<>\s]+>/g) ?? [];
  return [...new Set(ids)].filter((id) => id.length <= MAX_ID).slice(-MAX_IDS);
}

/** The id of a mail; one made from all of it where it has none that can be used. */
function messageIdOr(given: string | undefined, raw: Uint8Array): string {
  const written = given?.replace(/\s+/g, "") ?? "";
  const [id] = written === "" ? [] : (messageIds(written) ?? []);
  if (id !== undefined) return id;
  if (written !== "" && written.length < MAX_ID && !/[<>]/.test(written)) return `<${written}>`;
  return `sha256:${createHash("sha256").update(raw).digest("hex")}`;
}

function returnPath(header: string | undefined): string | undefined {
  return header?.replace(/^<|>$/g, "").trim();
}

function textsOf({ text = "", html }: ParsedMail): { text: string; html: string } {
  const markup = typeof html === "string" ? html : "";
  return { text: text.trim() === "" ? withoutTags(markup) : text, html: markup };
}

/** Looks at each character a few times, whatever the HTML is: strangers write it. */
const TAG = /<(\/?)([a-z]{0,8})[^<>]*>/gi;
const UNSEEN = new Set(["style", "script", "head"]);
const LINE_ENDS = new Set(["br", "/p", "/div", "/tr", "/li"]);

/** Where HTML is too long or too odd for a better reading. */
function withoutTags(html: string): string {
  const given = html.slice(0, MAX_HTML);
  let text = "";
  let end = 0;
  let isSeen = true;
  for (const { 0: tag, 1: slash = "", 2: name = "", index } of given.matchAll(TAG)) {
    const kind = name.toLowerCase();
    if (isSeen) text += given.slice(end, index);
    // What never ends is seen: else the rest of the mail would be lost.
    if (isSeen || (UNSEEN.has(kind) && slash !== "")) end = index + tag.length;
    if (UNSEEN.has(kind)) isSeen = slash !== "";
    else if (isSeen && LINE_ENDS.has(slash + kind)) text += "\n";
  }
  text += given.slice(end).replace(TAG, "");
  return text
    .replace(/&nbsp;/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&")
    .trim();
}

function attachmentOf({ filename, contentType, content }: Attachment): MailAttachment {
  return { name: filename, mimeType: contentType.toLowerCase(), bytes: new Uint8Array(content) };
}

function addressesOf(header: unknown): string[] {
  const objects = (Array.isArray(header) ? header : [header]) as (AddressObject | undefined)[];
  return objects
    .flatMap((one) => one?.value ?? [])
    .flatMap(({ group, ...one }) => group ?? [one])
    .flatMap(({ address = "" }) => (address === "" ? [] : [address]));
}
