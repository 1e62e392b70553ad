import type { Message } from "@anywire/types";
import { describeValue } from "../author/describe-value.ts";
import type { FunctionMessage } from "../author/events.ts";
import { badResult } from "../author/function-fault.ts";

/** The fields of a message that mean something to this platform. */
const OWN = ["text", "parts", "replyTo", "thread", "mentions"] as const;
const OWN_NAMES: ReadonlySet<string> = new Set(OWN);

type Fields = Readonly<Record<string, unknown>>;

/**
 * A message as a handler written for PubNub sees it: what stands in its `meta` stands beside its text, as the fields of a
 * PubNub message do. What is in `meta` under a name of the message's own stays hidden.
 */
export function toPubNubMessage(message: Message | FunctionMessage): Record<string, unknown> {
  const { text, meta } = message;
  const shown: Record<string, unknown> = {};
  for (const name of OWN) if (message[name] !== undefined) shown[name] = message[name];
  if (text === "") delete shown["text"];
  for (const [name, value] of Object.entries(meta ?? {})) {
    if (!OWN_NAMES.has(name)) shown[name] = value;
  }
  return shown;
}

/**
 * The message that a handler made of it: fields that are not a message's own go to its `meta`, together with `hidden`, the
 * meta of the message that it was. A text is a message of that text.
 * @throws {FunctionFault} `bad_result` when it is neither text nor object.
 */
export function fromPubNubMessage(value: unknown, hidden: Fields = {}): Record<string, unknown> {
  if (typeof value === "string") return { text: value };
  if (!isFields(value)) {
    throw badResult(
      `request.message is ${describeValue(value)}; a message must be an object, such as { text: "Hello" }`,
    );
  }
  const message: Record<string, unknown> = {};
  const meta: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(hidden)) if (OWN_NAMES.has(name)) meta[name] = field;
  for (const [name, field] of Object.entries(value)) {
    (OWN_NAMES.has(name) ? message : meta)[name] = field;
  }
  return Object.keys(meta).length === 0 ? message : { ...message, meta };
}

/** Whether what a handler publishes is a message: a text, or an object with a text or parts. Any other JSON is data. */
export function isPubNubMessage(value: unknown): value is string | Fields {
  if (typeof value === "string") return value !== "";
  if (!isFields(value)) return false;
  const { text, parts } = value;
  return (typeof text === "string" && text !== "") || Array.isArray(parts);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
