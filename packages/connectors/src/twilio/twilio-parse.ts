import { canonicalAddress } from "@anywire/core";
import type { ConnectionContext } from "../contract/context.ts";
import type {
  InboundEvent,
  InboundMessage,
  InboundReceipt,
  InboundSender,
  MediaReference,
} from "../contract/inbound-event.ts";
import type { WebhookRequest } from "../contract/webhook.ts";
import { deliveryErrorOf, twilioError } from "./twilio-errors.ts";
import { twilioPrice, withoutPrefix } from "./twilio-send.ts";

/** How a network's people are called. */
export interface TwilioNames {
  /** Before each number, such as `whatsapp:`. */
  readonly prefix: string;
  /** All addresses of whoever has that number, best first. */
  addressesOf(number: string): readonly string[];
}

/** What our words are for Twilio's statuses; of all others nothing is to be said. */
const STATUS: Readonly<Record<string, InboundReceipt["status"]>> = {
  sent: "sent",
  delivered: "delivered",
  partially_delivered: "delivered",
  read: "read",
  undelivered: "failed",
  failed: "failed",
  canceled: "failed",
};

/** What a message of WhatsApp has beside those of SMS, kept in `meta`. */
const META = [
  "ButtonText",
  "ButtonPayload",
  "ListId",
  "ListTitle",
  "Forwarded",
  "ReferralSourceId",
] as const;

const MAX_MEDIA = 10;

/** What a genuine request of Twilio tells. @throws {Error} when it is none of its messages or status callbacks */
export function parseTwilio(
  request: WebhookRequest,
  context: Pick<ConnectionContext, "now">,
  names: TwilioNames,
): readonly InboundEvent[] {
  const query = new URL(request.url).searchParams;
  const fields = request.method === "GET" ? query : new URLSearchParams(textOf(request.body));
  const sid = fields.get("MessageSid") ?? fields.get("SmsMessageSid") ?? fields.get("SmsSid") ?? "";
  if (!/^[A-Z]{2}[0-9a-fA-F]{32}$/.test(sid)) throw new Error("it names no message of Twilio's");
  const at = context.now();
  const status = fields.get("MessageStatus") ?? fields.get("SmsStatus");
  // An inbound message has `SmsStatus=received`, too; whatever else has a status tells of one of ours.
  if (status !== null && status !== "received" && status !== "receiving") {
    return [receiptOf(fields, { sid, status, at, deliveryId: query.get("delivery"), names })];
  }
  return messageOf(fields, sid, at, names);
}

function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}

interface ReceiptFacts {
  readonly sid: string;
  readonly status: string;
  readonly at: number;
  readonly deliveryId: string | null;
  readonly names: TwilioNames;
}

/**
 * A status callback. `RawDlrDoneDate` is left alone: Twilio hands the carrier's date on as it comes, to the minute and in a time
 * zone that nobody tells.
 */
function receiptOf(fields: URLSearchParams, facts: ReceiptFacts): InboundEvent {
  const { sid, at, deliveryId, names } = facts;
  const status = Object.hasOwn(STATUS, facts.status) ? STATUS[facts.status] : undefined;
  if (status === undefined)
    return { type: "ignored", at, what: `status ${facts.status.slice(0, 32)}` };
  const from = given(fields, "From");
  const price = twilioPrice(fields.get("Price"), fields.get("PriceUnit"));
  return {
    type: "receipt",
    at,
    externalId: sid,
    status,
    ...(deliveryId === null || deliveryId === "" ? {} : { deliveryId }),
    ...(status === "failed" ? failureOf(fields, facts.status) : {}),
    ...(from === undefined ? {} : { from: withoutPrefix(from, names.prefix) }),
    ...(price === undefined ? {} : { price }),
  };
}

function failureOf(
  fields: URLSearchParams,
  status: string,
): Pick<InboundReceipt, "error" | "suppressAddress"> {
  if (status === "canceled") {
    return {
      error: { class: "expired", reason: "it was called back at Twilio before it was sent" },
    };
  }
  const written = fields.get("ErrorCode") ?? "";
  const code = /^\d{1,6}$/.test(written) && written !== "0" ? Number(written) : undefined;
  const { suppressAddress } = twilioError(code);
  return {
    error: deliveryErrorOf(code),
    ...(suppressAddress === undefined ? {} : { suppressAddress }),
  };
}

function messageOf(
  fields: URLSearchParams,
  sid: string,
  at: number,
  names: TwilioNames,
): readonly InboundEvent[] {
  const from = fields.get("From") ?? "";
  if (from === "") throw new Error("it tells of a message without a sender");
  const sender = senderOf(fields, withoutPrefix(from, names.prefix), names);
  const to = given(fields, "To");
  const replyTo = given(fields, "OriginalRepliedMessageSid");
  const text = fields.get("Body") ?? "";
  const media = mediaOf(fields);
  const location = locationOf(fields);
  const meta = metaOf(fields);
  const message: InboundMessage = {
    type: "message",
    externalId: sid,
    at,
    sender,
    ...(to === undefined ? {} : { receiver: withoutPrefix(to, names.prefix) }),
    ...(text === "" ? {} : { text }),
    ...(media.length === 0 ? {} : { media }),
    ...(location === undefined ? {} : { location }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(meta === undefined ? {} : { meta }),
  };
  const isEmpty = text === "" && media.length === 0 && location === undefined;
  const said: InboundEvent = isEmpty ? { type: "ignored", at, what: "an empty message" } : message;
  const optOut = fields.get("OptOutType");
  if (optOut !== "STOP" && optOut !== "START") return [said];
  const state = optOut === "STOP" ? "out" : "in";
  return [said, { type: "consent", at, sender, state, reason: `Twilio took it as ${optOut}` }];
}

/** A field that is there and no longer than any that Twilio sends. */
function given(fields: URLSearchParams, name: string): string | undefined {
  const value = fields.get(name) ?? "";
  return value === "" || value.length > 300 ? undefined : value;
}

function senderOf(fields: URLSearchParams, number: string, names: TwilioNames): InboundSender {
  const name = given(fields, "ProfileName");
  return { addresses: names.addressesOf(number), ...(name === undefined ? {} : { name }) };
}

/** `phone:` of a number, `sms_sender:` of a short code or a name. */
export function smsAddress(sender: string): string {
  try {
    return canonicalAddress(`phone:${sender}`);
  } catch {
    return `sms_sender:${encodeURIComponent(sender.slice(0, 64))}`;
  }
}

function mediaOf(fields: URLSearchParams): readonly MediaReference[] {
  const count = Math.min(Number(fields.get("NumMedia")) || 0, MAX_MEDIA);
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const mimeType = fields.get(`MediaContentType${index}`);
    const ref = fields.get(`MediaUrl${index}`) ?? "";
    const kind = kindOf(mimeType ?? "");
    return { kind, ref, ...(mimeType === null ? {} : { mimeType }) };
  }).filter(({ ref }) => ref !== "");
}

function kindOf(mimeType: string): MediaReference["kind"] {
  const [kind] = mimeType.split("/");
  return kind === "image" || kind === "audio" || kind === "video" ? kind : "file";
}

function locationOf(fields: URLSearchParams): InboundMessage["location"] {
  const latitude = Number.parseFloat(fields.get("Latitude") ?? "");
  const longitude = Number.parseFloat(fields.get("Longitude") ?? "");
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) return undefined;
  const label = (fields.get("Label") ?? fields.get("Address") ?? "").slice(0, 256);
  return { latitude, longitude, ...(label === "" ? {} : { label }) };
}

function metaOf(fields: URLSearchParams): Readonly<Record<string, string>> | undefined {
  const given = META.flatMap((name) => {
    const value = fields.get(name);
    const key = name.charAt(0).toLowerCase() + name.slice(1);
    return value === null || value === "" ? [] : [[key, value.slice(0, 1024)] as const];
  });
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
