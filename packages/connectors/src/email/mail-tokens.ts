import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { parseChannelName } from "@anywire/types";
import { domainOf, type EmailContext } from "./email-settings.ts";
import { subjectKey } from "./subject.ts";

/** What an id of ours tells. */
export interface OwnMessageId {
  readonly deliveryId: string;
  /** Of the channel's name the last segment. */
  readonly channelId: string;
  /** Of the subject that the message had. */
  readonly subjectTag: string;
}

/** What a token in an address tells. */
export interface ReplyToken {
  readonly channel: string;
  readonly subjectTag: string;
}

/** @see https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1 */
const MAX_LOCAL_PART = 64;
const MAC_LENGTH = 10;
const TAG_LENGTH = 4;

const OWN_ID = /^<([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{1,64})\.([a-z0-9]{4})@([^>@\s]+)>$/;
const TOKEN = /^([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{1,64})\.([a-z0-9]{4})([a-z0-9]{10})$/i;

const BOUNCE_TOKEN = /^([A-Za-z0-9_-]{1,64})(?:\.([a-z0-9]{10}))?$/i;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HEX_OF_UUID = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;
/** 128 bits, 5 in each digit. */
const SHORT_LENGTH = 26;
const SHORT_UUID = /^[0-7][0-9a-v]{25}$/i;

/** A few letters that tell subjects apart. */
export function subjectTag(subject: string): string {
  return letters(createHash("sha256").update(subjectKey(subject)).digest(), TAG_LENGTH);
}

/** The id that a message has: whoever answers names it, and whoever reports its failure does. */
export function messageIdOf(
  context: EmailContext,
  { deliveryId, channel, subject }: { deliveryId: string; channel: string; subject: string },
): string {
  const { id } = parseChannelName(channel);
  return `<${deliveryId}.${id}.${subjectTag(subject)}@${domainOf(context.settings)}>`;
}

/** What an id of ours tells; undefined for all others. */
export function readMessageId(context: EmailContext, id: string): OwnMessageId | undefined {
  const [, deliveryId, channelId, tag, domain] = OWN_ID.exec(id) ?? [];
  if (deliveryId === undefined || channelId === undefined || tag === undefined) return undefined;
  if (domain?.toLowerCase() !== domainOf(context.settings)) return undefined;
  return { deliveryId, channelId, subjectTag: tag };
}

/**
 * The address that answers go to: it names the channel, signed, so that nobody can write into a channel by making an address up.
 * Undefined when none is configured, or when it would be longer than mail servers take.
 */
export function replyAddressOf(
  context: EmailContext,
  { channel, subject }: { channel: string; subject: string },
): string | undefined {
  const { replyAddress } = context.settings;
  const [key] = context.secrets["replyKey"] ?? [];
  if (replyAddress === undefined || key === undefined || key === "") return undefined;
  const { type, id } = parseChannelName(channel);
  const tag = subjectTag(subject);
  const mac = sign(key, `reply ${channel} ${tag}`);
  return withToken(replyAddress, `${type}.${id}.${tag}${mac}`);
}

/** What the token in an address that mail came to tells; undefined when there is none, or not of ours. */
export function readReplyAddress(context: EmailContext, address: string): ReplyToken | undefined {
  const { replyAddress } = context.settings;
  const token = replyAddress === undefined ? undefined : tokenOf(replyAddress, address);
  const [, type, id, tag, mac] = TOKEN.exec(token ?? "") ?? [];
  if (type === undefined || id === undefined || tag === undefined || mac === undefined) {
    return undefined;
  }
  const channel = `${context.platform}.${type}.${id}`;
  const subject = tag.toLowerCase();
  const isOurs = isSigned(context, mac, `reply ${channel} ${subject}`);
  return isOurs ? { channel, subjectTag: subject } : undefined;
}

/** Whether reports of a delivery have a signed address to come to, so that one that comes elsewhere is not to be believed. */
export function signsBounces(context: EmailContext, deliveryId: string): boolean {
  return hasKey(context) && bounceAddressOf(context, deliveryId) !== undefined;
}

/**
 * The address that reports of a delivery go to, signed where there is a key, so that nobody can make one up who only saw the mail's id.
 * Undefined when none is configured, or when it would be longer than mail servers take.
 */
export function bounceAddressOf(context: EmailContext, deliveryId: string): string | undefined {
  const { bounceAddress } = context.settings;
  const [key = ""] = context.secrets["replyKey"] ?? [];
  if (bounceAddress === undefined) return undefined;
  if (key === "") return withToken(bounceAddress, deliveryId);
  const mac = sign(key, `bounce ${deliveryId}`);
  return withToken(bounceAddress, `${shortened(deliveryId)}.${mac}`);
}

/** The delivery that a report is about, by the address that it came to; undefined when that is none of ours. */
export function readBounceAddress(context: EmailContext, address: string): string | undefined {
  const { bounceAddress } = context.settings;
  const token = bounceAddress === undefined ? undefined : tokenOf(bounceAddress, address);
  const [, named, mac] = BOUNCE_TOKEN.exec(token ?? "") ?? [];
  if (named === undefined || !hasKey(context)) return named;
  const deliveryId = lengthened(named);
  return mac !== undefined && isSigned(context, mac, `bounce ${deliveryId}`)
    ? deliveryId
    : undefined;
}

/** An id in fewer letters, whatever their case, so that there is room for a mailbox of a usual length; others than UUIDs stay. */
function shortened(id: string): string {
  if (!UUID.test(id)) return id;
  return BigInt(`0x${id.replaceAll("-", "")}`)
    .toString(32)
    .padStart(SHORT_LENGTH, "0");
}

function lengthened(text: string): string {
  if (!SHORT_UUID.test(text)) return text;
  const bits = [...text].reduce((sum, digit) => sum * 32n + BigInt(Number.parseInt(digit, 32)), 0n);
  return bits.toString(16).padStart(32, "0").replace(HEX_OF_UUID, "$1-$2-$3-$4-$5");
}

function hasKey({ secrets }: EmailContext): boolean {
  return (secrets["replyKey"]?.[0] ?? "") !== "";
}

function withToken(address: string, token: string): string | undefined {
  const at = address.lastIndexOf("@");
  const local = `${address.slice(0, at)}+${token}`;
  return local.length <= MAX_LOCAL_PART ? local + address.slice(at) : undefined;
}

function tokenOf(own: string, address: string): string | undefined {
  const at = own.lastIndexOf("@");
  const prefix = `${own.slice(0, at)}+`.toLowerCase();
  const suffix = own.slice(at).toLowerCase();
  const small = address.trim().toLowerCase();
  if (!small.startsWith(prefix) || !small.endsWith(suffix)) return undefined;
  return address.trim().slice(prefix.length, -suffix.length);
}

function isSigned(context: EmailContext, mac: string, text: string): boolean {
  const given = Buffer.from(mac.toLowerCase());
  const keys = context.secrets["replyKey"] ?? [];
  return keys.some((key) => key !== "" && timingSafeEqual(given, Buffer.from(sign(key, text))));
}

function sign(key: string, text: string): string {
  return letters(createHmac("sha256", key).update(`anywire ${text}`).digest(), MAC_LENGTH);
}

/** Small letters and digits, since some mail servers change the case. 5 bits each. */
function letters(bytes: Buffer, length: number): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  return [...bytes.subarray(0, length)].map((byte) => alphabet[byte & 31]).join("");
}
