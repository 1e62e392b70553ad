import type { InboundEvent } from "../contract/inbound-event.ts";
import type { WebhookRequest } from "../contract/webhook.ts";
import { jsonBody } from "../wire/json-body.ts";
import { type HttpDefinition, wholeOf } from "./http-definition.ts";
import { readPointer } from "./json-pointer.ts";

type Time = HttpDefinition["webhook"]["message"]["at"];
type Receipt = NonNullable<HttpDefinition["webhook"]["receipt"]>;

const MAX_ID = 512;

/** What a request tells, as its definition says. @throws {Error} when it is not of the shape that it describes */
export function parseDefined(
  definition: HttpDefinition,
  { body }: WebhookRequest,
  now: number,
): readonly InboundEvent[] {
  const { webhook } = definition;
  const all = webhook.body === "json" ? jsonBody(body) : formBody(body);
  const found = readPointer(all, webhook.events);
  if (typeof found !== "object" || found === null) {
    throw new Error(`there is no event at ${webhook.events || "the root"}`);
  }
  return (Array.isArray(found) ? found : [found]).map((event) => toEvent(definition, event, now));
}

function toEvent(definition: HttpDefinition, event: unknown, now: number): InboundEvent {
  const { message, receipt } = definition.webhook;
  if (matches(event, message.when)) return toMessage(definition, event, now);
  if (receipt !== undefined && matches(event, receipt.when)) return toReceipt(receipt, event, now);
  return { type: "ignored", at: now, what: "an event that the definition does not name" };
}

function toMessage(
  { address, webhook: { message } }: HttpDefinition,
  event: unknown,
  now: number,
): InboundEvent {
  const from = idAt(event, message.from);
  if (!wholeOf(address.pattern).test(from) || !/^[^\s\p{Cc}]{1,256}$/u.test(from)) {
    throw new Error(`what is at ${message.from} is no ${address.kind}`);
  }
  const at = timeAt(event, message.at, now);
  const text = readPointer(event, message.text);
  if (text === undefined || text === null || text === "") {
    return { type: "ignored", at, what: "a message without text" };
  }
  if (typeof text !== "string") throw new Error(`what is at ${message.text} is no text`);
  const replyTo = optionalAt(event, message.replyTo);
  const name = optionalAt(event, message.name);
  return {
    type: "message",
    at,
    externalId: idAt(event, message.externalId),
    sender: {
      addresses: [`${address.kind}:${from}`],
      ...(name === undefined ? {} : { name }),
    },
    text,
    ...(replyTo === undefined ? {} : { replyTo }),
  };
}

function toReceipt(receipt: Receipt, event: unknown, now: number): InboundEvent {
  const at = timeAt(event, receipt.at, now);
  const said = String(readPointer(event, receipt.status));
  const status = Object.hasOwn(receipt.statuses, said) ? receipt.statuses[said] : undefined;
  if (status === undefined) return { type: "ignored", at, what: "a status that is not named" };
  const externalId = optionalAt(event, receipt.externalId);
  const deliveryId = optionalAt(event, receipt.deliveryId);
  if (externalId === undefined && deliveryId === undefined) {
    throw new Error("a receipt that names no message");
  }
  const code = optionalAt(event, receipt.code)?.slice(0, 64);
  return {
    type: "receipt",
    at,
    status,
    ...(externalId === undefined ? {} : { externalId }),
    ...(deliveryId === undefined ? {} : { deliveryId }),
    ...(status === "failed"
      ? { error: { ...FAILED, ...(code === undefined ? {} : { code }) } }
      : {}),
  };
}

const FAILED = {
  class: "unknown",
  reason: "the network could not deliver it; look there for the reason",
} as const;

function matches(event: unknown, when: Receipt["when"]): boolean {
  return Object.entries(when).every(([pointer, value]) => {
    const found = readPointer(event, pointer) ?? undefined;
    if (typeof value === "object") return (found !== undefined) === value.exists;
    // In a form all values are texts.
    return found === value || (typeof found === "string" && found === String(value));
  });
}

/** @throws {Error} when there is none that can be one */
function idAt(event: unknown, pointer: string): string {
  const id = optionalAt(event, pointer);
  if (id === undefined) throw new Error(`there is nothing at ${pointer}`);
  return id;
}

function optionalAt(event: unknown, pointer: string | undefined): string | undefined {
  if (pointer === undefined) return undefined;
  const found = readPointer(event, pointer);
  if (found === undefined || found === null || found === "") return undefined;
  const isId = typeof found === "string" || (typeof found === "number" && Number.isFinite(found));
  if (!isId || String(found).length > MAX_ID) {
    throw new Error(`what is at ${pointer} is no id or name`);
  }
  return String(found);
}

function timeAt(event: unknown, time: Time, now: number): number {
  if (time === undefined) return now;
  const found = readPointer(event, time.pointer);
  // An empty text would be the year 1970.
  const isGiven = typeof found === "number" || (typeof found === "string" && found.trim() !== "");
  const at = isGiven ? toMs(found, time.unit) : Number.NaN;
  if (!Number.isSafeInteger(at) || at < 0) throw new Error(`what is at ${time.pointer} is no time`);
  return at;
}

function toMs(found: string | number, unit: "s" | "ms" | "iso"): number {
  if (unit === "iso") return typeof found === "string" ? Date.parse(found) : Number.NaN;
  return Math.round(Number(found) * (unit === "s" ? 1000 : 1));
}

function formBody(body: Uint8Array): unknown {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  return Object.fromEntries(new URLSearchParams(text));
}
