import type { Connector, InboundEvent } from "@anywire/connectors";
import { addressSchema, deliveryErrorSchema, parseAddress, priceSchema } from "@anywire/types";
import { show } from "./expect-that.ts";

type Problem = string | undefined | false;
type EventOf<T extends InboundEvent["type"]> = Extract<InboundEvent, { type: T }>;

/** What the host could not use in an event; empty when it is sound. Takes anything. */
export function problemsOf(event: unknown, connector: Connector): string[] {
  if (typeof event !== "object" || event === null) return [`${show(event)} is no event`];
  const { type, at } = event as Partial<InboundEvent>;
  const check = CHECKS[type as InboundEvent["type"]];
  if (check === undefined) return [`${show(type)} is no type of event`];
  const found: Problem[] = [
    !(typeof at === "number" && Number.isSafeInteger(at) && at >= 0) &&
      `at must be whole milliseconds since the Unix epoch, not ${show(at)}`,
    ...check(event as never, connector),
  ];
  return found
    .filter((problem) => typeof problem === "string")
    .map((problem) => `${type}: ${problem}`);
}

const CHECKS: {
  readonly [T in InboundEvent["type"]]: (
    event: EventOf<T>,
    connector: Connector,
  ) => readonly Problem[];
} = {
  message: (event, connector) => [
    ...sender(event, connector),
    id("externalId", event.externalId),
    optional(event.text, (text) => string("text", text)),
    optional(event.replyTo, (replyTo) => id("replyTo", replyTo)),
    optional(event.receiver, (receiver) => short("receiver", receiver, 300)),
    ...(event.references ?? []).map((reference) => id("a reference", reference)),
    ...(event.media ?? []).flatMap(media),
    hasNothing(event) && "has no text, no media and no location; say `ignored` instead",
  ],
  edit: (event, connector) => [
    ...sender(event, connector),
    id("externalId", event.externalId),
    string("text", event.text),
  ],
  delete: (event, connector) => [...sender(event, connector), id("externalId", event.externalId)],
  reaction: (event, connector) => [
    ...sender(event, connector),
    id("externalId", event.externalId),
    !(event.emoji === "" && event.action === "remove") && short("emoji", event.emoji, 64),
    oneOf("action", event.action, ["add", "remove"]),
  ],
  receipt: (event) => [
    event.externalId === undefined &&
      event.deliveryId === undefined &&
      "names neither externalId nor deliveryId, so nobody can tell which message it is about",
    optional(event.externalId, (externalId) => id("externalId", externalId)),
    optional(event.deliveryId, (deliveryId) => id("deliveryId", deliveryId)),
    oneOf("status", event.status, ["sent", "delivered", "read", "failed"]),
    event.status === "failed" && event.error === undefined && "failed without an error",
    optional(event.error, (error) => schema("error", error, deliveryErrorSchema)),
    optional(event.price, (price) => schema("price", price, priceSchema)),
  ],
  read: sender,
  typing: sender,
  identity_changed: (event) => [
    schema("from", event.from, addressSchema),
    schema("to", event.to, addressSchema),
    event.from === event.to && "from and to are the same",
  ],
  consent: (event, connector) => [
    ...sender(event, connector),
    oneOf("state", event.state, ["in", "out"]),
    short("reason", event.reason, 512),
  ],
  ignored: (event) => [string("what", event.what)],
};

function sender(event: { readonly sender: unknown }, connector: Connector): Problem[] {
  const { addresses, name } = (event.sender ?? {}) as { addresses?: unknown; name?: unknown };
  if (!Array.isArray(addresses) || addresses.length === 0) return ["has no sender.addresses"];
  return [
    ...addresses.map((address) => reachable(address, connector)),
    optional(name, (given) => string("sender.name", given)),
  ];
}

function reachable(address: unknown, connector: Connector): Problem {
  const problem = schema("sender address", address, addressSchema);
  if (problem) return problem;
  const { kind } = parseAddress(address as string);
  const kinds = [...connector.addressKinds, ...Object.keys(connector.alsoReaches ?? {})];
  return (
    !kinds.includes(kind) &&
    `sender address ${show(address)} is of kind ${kind}, which is not among addressKinds or alsoReaches, so nobody could answer`
  );
}

function media(item: { readonly kind: unknown; readonly ref: unknown }): Problem[] {
  return [
    oneOf("media kind", item.kind, ["image", "audio", "video", "file"]),
    !(typeof item.ref === "string" && item.ref !== "") && "media without a ref",
  ];
}

function hasNothing({ text, media, location }: EventOf<"message">): boolean {
  return !text && (media ?? []).length === 0 && location === undefined;
}

function id(name: string, value: unknown): Problem {
  return short(name, value, 512);
}

function short(name: string, value: unknown, max: number): Problem {
  if (typeof value === "string" && value !== "" && value.length <= max) return undefined;
  return `${name} must be 1 to ${max} characters, not ${show(value)}`;
}

function string(name: string, value: unknown): Problem {
  return typeof value !== "string" && `${name} must be text, not ${show(value)}`;
}

function oneOf(name: string, value: unknown, allowed: readonly string[]): Problem {
  return (
    !allowed.includes(value as string) &&
    `${name} must be ${allowed.join(", ")}, not ${show(value)}`
  );
}

function optional<T>(value: T | undefined, check: (value: T) => Problem): Problem {
  return value === undefined ? undefined : check(value);
}

interface Checks {
  safeParse(value: unknown): { readonly success: boolean };
}

function schema(name: string, value: unknown, checks: Checks): Problem {
  return !checks.safeParse(value).success && `${name} is not valid: ${show(value)}`;
}
