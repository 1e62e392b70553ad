import { z } from "zod";
import type { ConnectionContext } from "../contract/context.ts";
import type { InboundEvent, InboundReceipt, InboundSender } from "../contract/inbound-event.ts";
import type { WebhookRequest } from "../contract/webhook.ts";
import { jsonBody } from "../wire/json-body.ts";
import { addressesOf, BSUID, numberAddress, WA_ID } from "./whatsapp-address.ts";
import { contentOf } from "./whatsapp-content.ts";
import { whatsappError } from "./whatsapp-errors.ts";
import type { WhatsappSettings } from "./whatsapp-settings.ts";

const MAX_EVENTS = 1000;

const id = z.string().min(1).max(512);
const userId = z.string().regex(BSUID).optional().catch(undefined);
const waId = z.string().regex(WA_ID).optional().catch(undefined);
const many = z.array(z.unknown()).max(MAX_EVENTS).optional().catch(undefined);

const envelopeSchema = z.looseObject({
  object: z.literal("whatsapp_business_account"),
  entry: z.array(z.looseObject({ changes: z.array(z.unknown()).max(MAX_EVENTS) })).max(MAX_EVENTS),
});

const changeSchema = z.looseObject({
  field: z.string().max(128),
  value: z.looseObject({
    metadata: z
      .looseObject({ phone_number_id: z.string().optional(), display_phone_number: waId })
      .optional()
      .catch(undefined),
    contacts: many,
    messages: many,
    statuses: many,
    user_id_update: many,
  }),
});

const contactSchema = z.looseObject({
  wa_id: waId,
  user_id: userId,
  profile: z
    .looseObject({ name: z.string().max(256).optional() })
    .optional()
    .catch(undefined),
});

const messageSchema = z.looseObject({
  id,
  type: z.string().min(1).max(128),
  timestamp: z.unknown().optional(),
  from: waId,
  from_user_id: userId,
  context: z
    .looseObject({ id: id.optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

const statusSchema = z.looseObject({
  id,
  status: z.string().max(64),
  timestamp: z.unknown().optional(),
  biz_opaque_callback_data: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional()
    .catch(undefined),
  errors: z
    .array(z.looseObject({ code: z.int() }))
    .optional()
    .catch(undefined),
});

const reactionSchema = z.looseObject({ message_id: id, emoji: z.string().max(64).optional() });
const revokeSchema = z.looseObject({ original_message_id: id });
const editSchema = z.looseObject({
  original_message_id: id,
  message: z.looseObject({ type: z.string().min(1).max(128) }),
});
const systemSchema = z.looseObject({
  wa_id: waId,
  new_wa_id: waId,
  user_id: userId,
  previous_user_id: userId,
});
const updateSchema = z.looseObject({
  user_id: z.looseObject({ previous: userId, current: userId }),
  timestamp: z.unknown().optional(),
});

type Message = z.infer<typeof messageSchema>;
type Contact = z.infer<typeof contactSchema>;

/** What one change is read with. */
interface Scene {
  readonly contacts: readonly Contact[];
  readonly receiver: string | undefined;
  readonly now: number;
}

/** What a genuine request of Meta tells. @throws {Error} when it is none about WhatsApp */
export function parseWhatsapp(
  request: WebhookRequest,
  context: ConnectionContext<WhatsappSettings>,
): readonly InboundEvent[] {
  const envelope = envelopeSchema.safeParse(jsonBody(request.body));
  if (!envelope.success) throw new Error("it is no request about a WhatsApp Business account");
  const changes = envelope.data.entry.flatMap((entry) => entry.changes);
  return changes.flatMap((change) => eventsOf(change, context));
}

function eventsOf(
  change: unknown,
  context: ConnectionContext<WhatsappSettings>,
): readonly InboundEvent[] {
  const now = context.now();
  const read = changeSchema.safeParse(change);
  if (!read.success) return [ignored(now, "a change of an unknown shape")];
  const { field, value } = read.data;
  const { metadata, messages = [], statuses = [], user_id_update: updates = [] } = value;
  const { phone_number_id: number } = metadata ?? {};
  // One app hears of all numbers of the business.
  if (number !== undefined && number !== context.settings.phoneNumberId) {
    return [ignored(now, "of another business number")];
  }
  const contacts = (value.contacts ?? []).flatMap(contactOf);
  const display = metadata?.display_phone_number;
  const receiver = display === undefined ? undefined : `+${display.replace(/^\+/, "")}`;
  const scene = { contacts, receiver, now };
  const told = [
    ...messages.flatMap((message) => messageEvents(message, scene)),
    ...statuses.map((status) => statusEvent(status, scene)),
    ...updates.flatMap((update) => updateEvents(update, scene)),
  ];
  return told.length > 0 ? told : [ignored(now, `a change of ${field}`)];
}

function contactOf(given: unknown): Contact[] {
  const { data } = contactSchema.safeParse(given);
  return data === undefined ? [] : [data];
}

function ignored(at: number, what: string): InboundEvent {
  return { type: "ignored", at, what };
}

/** Meta writes seconds, as a text. */
function timeOf(timestamp: unknown, now: number): number {
  const seconds =
    typeof timestamp === "string" && /^\d{1,11}$/.test(timestamp) ? Number(timestamp) : 0;
  return seconds > 0 ? seconds * 1000 : now;
}

/** Makes events of one type of message. */
type MessageReader = (
  message: Message,
  sender: InboundSender,
  at: number,
  scene: Scene,
) => readonly InboundEvent[];

/** Types of messages that are not something said. */
const READERS: Readonly<Record<string, MessageReader>> = {
  reaction(message, sender, at) {
    const read = reactionSchema.safeParse(message["reaction"]);
    if (!read.success) return [ignored(at, "a reaction of an unknown shape")];
    const { message_id: externalId, emoji = "" } = read.data;
    const mark = { type: "reaction", at, externalId, sender, emoji } as const;
    // A person has one mark on each message, and Meta does not say which one went.
    if (emoji === "") return [{ ...mark, action: "remove" }];
    return [{ ...mark, action: "add", replaces: true }];
  },
  edit(message, sender, at) {
    const read = editSchema.safeParse(message["edit"]);
    const text = read.success
      ? contentOf(read.data.message.type, read.data.message).text
      : undefined;
    if (!read.success || text === undefined) return [ignored(at, "an edit of an unknown shape")];
    const { original_message_id: externalId } = read.data;
    return [{ type: "edit", at, externalId, changeId: message.id, sender, text }];
  },
  revoke(message, sender, at) {
    const read = revokeSchema.safeParse(message["revoke"]);
    if (!read.success) return [ignored(at, "a revocation of an unknown shape")];
    return [{ type: "delete", at, externalId: read.data.original_message_id, sender }];
  },
  request_welcome: (_message, _sender, at) => [ignored(at, "a conversation that was opened")],
};

function messageEvents(given: unknown, scene: Scene): readonly InboundEvent[] {
  const read = messageSchema.safeParse(given);
  if (!read.success) return [ignored(scene.now, "a message of an unknown shape")];
  const message = read.data;
  const at = timeOf(message.timestamp, scene.now);
  if (message.type === "system") return systemEvents(message, at);
  if (typeof message["group_id"] === "string") return [ignored(at, "a message in a group")];
  const sender = senderOf(message, scene);
  if (sender === undefined) return [ignored(at, "a message of nobody")];
  const reader = Object.hasOwn(READERS, message.type) ? READERS[message.type] : undefined;
  if (reader !== undefined) return reader(message, sender, at, scene);
  const replyTo = message.context?.id;
  return [
    {
      type: "message",
      externalId: message.id,
      at,
      sender,
      ...contentOf(message.type, message),
      ...(scene.receiver === undefined ? {} : { receiver: scene.receiver }),
      ...(replyTo === undefined ? {} : { replyTo }),
    },
  ];
}

function senderOf(message: Message, { contacts }: Scene): InboundSender | undefined {
  const { from, from_user_id: fromUserId } = message;
  const [only] = contacts.length === 1 ? contacts : [];
  const contact =
    contacts.find(
      (one) =>
        (from !== undefined && one.wa_id === from) ||
        (fromUserId !== undefined && one.user_id === fromUserId),
    ) ?? (from === undefined && fromUserId === undefined ? only : undefined);
  const addresses = addressesOf(fromUserId ?? contact?.user_id, from ?? contact?.wa_id);
  if (addresses.length === 0) return undefined;
  const name = contact?.profile?.name ?? "";
  return { addresses, ...(name === "" ? {} : { name }) };
}

/** A person has another number, another id, or both: a new number always makes a new id. */
function systemEvents(message: Message, at: number): readonly InboundEvent[] {
  const system = systemSchema.safeParse(message["system"]).data;
  if (system === undefined) return [ignored(at, "a system message of an unknown shape")];
  const { previous_user_id: before = message.from_user_id, user_id: after } = system;
  const number = system.wa_id ?? system.new_wa_id;
  const changes = [
    ...changed(at, before && `whatsapp:${before}`, after && `whatsapp:${after}`),
    ...changed(at, message.from && numberAddress(message.from), number && numberAddress(number)),
    ...changed(
      at,
      message.from && numberAddress(message.from, "phone"),
      number && numberAddress(number, "phone"),
    ),
  ];
  return changes.length > 0 ? changes : [ignored(at, "a system message that changes no name")];
}

function changed(
  at: number,
  from: string | undefined,
  to: string | undefined,
): readonly InboundEvent[] {
  if (from === undefined || to === undefined || from === to) return [];
  return [{ type: "identity_changed", at, from, to }];
}

function updateEvents(given: unknown, { now }: Scene): readonly InboundEvent[] {
  const read = updateSchema.safeParse(given);
  if (!read.success) return [ignored(now, "an update of an unknown shape")];
  const { previous, current } = read.data.user_id;
  const at = timeOf(read.data.timestamp, now);
  const changes = changed(at, previous && `whatsapp:${previous}`, current && `whatsapp:${current}`);
  return changes.length > 0 ? changes : [ignored(at, "an update that changes no name")];
}

/** What our words are for Meta's statuses; a voice message that was played was read. */
const STATUS: Readonly<Record<string, InboundReceipt["status"]>> = {
  sent: "sent",
  delivered: "delivered",
  read: "read",
  played: "read",
  failed: "failed",
};

function statusEvent(given: unknown, { now, receiver }: Scene): InboundEvent {
  const read = statusSchema.safeParse(given);
  if (!read.success) return ignored(now, "a status of an unknown shape");
  const { id: externalId, biz_opaque_callback_data: deliveryId, errors } = read.data;
  const at = timeOf(read.data.timestamp, now);
  const status = Object.hasOwn(STATUS, read.data.status) ? STATUS[read.data.status] : undefined;
  if (status === undefined) return ignored(at, `a status ${read.data.status}`);
  return {
    type: "receipt",
    at,
    externalId,
    status,
    ...(deliveryId === undefined ? {} : { deliveryId }),
    ...(receiver === undefined ? {} : { from: receiver }),
    ...(status === "failed" ? failureOf(errors?.[0]?.code) : {}),
  };
}

function failureOf(code: number | undefined): Pick<InboundReceipt, "error" | "suppressAddress"> {
  const { class: errorClass, reason, suppressAddress } = whatsappError(code);
  return {
    error: { class: errorClass, reason, ...(code === undefined ? {} : { code: String(code) }) },
    ...(suppressAddress === undefined ? {} : { suppressAddress }),
  };
}
