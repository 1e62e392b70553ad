import type { InboundEvent } from "../contract/inbound-event.ts";
import type { WebhookRequest } from "../contract/webhook.ts";
import type { OutgoingWebhook } from "../simulator/webhook-sender.ts";
import type { HttpDefinition } from "./http-definition.ts";
import { headerOf, proofOf } from "./http-signature.ts";
import { putPointer } from "./json-pointer.ts";

/** What a person wrote, or what became of a message. */
export type NetworkEvent = Extract<InboundEvent, { type: "message" | "receipt" }>;

/** The body in which the defined network tells something; undefined where it has no words for it. */
export function bodyOf({ webhook }: HttpDefinition, event: NetworkEvent): string | undefined {
  const told = event.type === "message" ? messageOf(webhook, event) : receiptOf(webhook, event);
  if (told === undefined) return undefined;
  if (webhook.body === "form") {
    return new URLSearchParams(told as Record<string, string>).toString();
  }
  return JSON.stringify(webhook.events === "" ? told : putPointer({}, webhook.events, [told]));
}

/** The request that brings a body, signed. */
export function signedRequest(
  { webhook }: HttpDefinition,
  url: string,
  body: string,
  secrets: Readonly<Record<string, string>>,
  now: number,
): OutgoingWebhook {
  const { signature } = webhook;
  const type = webhook.body === "json" ? "application/json" : "application/x-www-form-urlencoded";
  const headers: Record<string, string> = { "content-type": type };
  if (signature.kind === "hmac" && signature.timestamp !== undefined) {
    const { header, unit } = signature.timestamp;
    headers[header] = String(unit === "s" ? Math.floor(now / 1000) : now);
  }
  const bytes = new TextEncoder().encode(body);
  const request: WebhookRequest = { method: "POST", url, headers, body: bytes };
  headers[headerOf(signature)] = proofOf(signature, secrets[signature.secret] ?? "", request);
  return { url, headers, body };
}

type Webhook = HttpDefinition["webhook"];
type Time = NonNullable<Webhook["message"]["at"]>;
type EventOf<T extends NetworkEvent["type"]> = Extract<NetworkEvent, { type: T }>;

function messageOf({ message }: Webhook, event: EventOf<"message">): unknown {
  return put([
    ...placed(message.when),
    [message.externalId, event.externalId],
    [message.from, personOf(event.sender.addresses[0] ?? "")],
    [message.name, event.sender.name],
    [message.text, event.text],
    [message.replyTo, event.replyTo],
    [message.at?.pointer, timeOf(event.at, message.at?.unit)],
  ]);
}

function receiptOf({ receipt }: Webhook, event: EventOf<"receipt">): unknown {
  const [said] =
    Object.entries(receipt?.statuses ?? {}).find(([, status]) => status === event.status) ?? [];
  if (receipt === undefined || said === undefined) return undefined;
  return put([
    ...placed(receipt.when),
    [receipt.externalId, event.externalId],
    [receipt.deliveryId, event.deliveryId],
    [receipt.status, said],
    [receipt.code, event.error?.code],
    [receipt.at?.pointer, timeOf(event.at, receipt.at?.unit)],
  ]);
}

/** What must stand where; of what must merely be there, something that others take the place of. */
function placed(when: Webhook["message"]["when"]): (readonly [string, unknown])[] {
  return Object.entries(when).flatMap(([pointer, value]) => {
    if (typeof value !== "object") return [[pointer, value] as const];
    return value.exists ? [[pointer, true] as const] : [];
  });
}

/** What a network calls something that happens then: the time itself, where both stand in one place. */
export function idAt(
  at: number,
  part: { readonly externalId?: string | undefined; readonly at?: Time | undefined } | undefined,
): string | undefined {
  if (part?.at === undefined || part.at.pointer !== part.externalId) return undefined;
  return String(timeOf(at, part.at.unit));
}

function put(parts: readonly (readonly [string | undefined, unknown])[]): unknown {
  let told: unknown = {};
  for (const [pointer, value] of parts) {
    if (pointer !== undefined && value !== undefined) told = putPointer(told, pointer, value);
  }
  return told;
}

function timeOf(at: number, unit: "s" | "ms" | "iso" | undefined): string | number {
  if (unit === "iso") return new Date(at).toISOString();
  return unit === "s" ? at / 1000 : at;
}

function personOf(address: string): string {
  return address.slice(address.indexOf(":") + 1);
}
