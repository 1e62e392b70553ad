import { z } from "zod";
import { accountChangeSchema, deviceSchema } from "./account.ts";
import { addressSchema } from "./address.ts";
import { historyChoiceSchema } from "./channel.ts";
import { channelNameSchema } from "./channel-name.ts";
import { connectionEntrySchema, consentEntrySchema, inboundEntrySchema } from "./connection.ts";
import { contactEntrySchema } from "./contact.ts";
import { deliveryEntrySchema } from "./delivery.ts";
import { entryIdSchema } from "./entry-id.ts";
import { messageSchema } from "./message.ts";
import { emojiSchema } from "./message-changes.ts";
import { metaSchema } from "./profile.ts";
import { roleSchema } from "./role.ts";

const action = z.enum(["add", "remove"]);
const seat = z.object({ address: addressSchema, role: roleSchema });
const nullableText = z.string().nullable();

/**
 * The data of the entries that the server writes for the messaging model, by their kind: facts, from which
 * the state follows. The first ones stand on the channel itself, those from `read` on stand on the notification channel of the
 * account they concern.
 */
export const ENTRY_DATA = {
  opened: z.object({
    type: z.string(),
    title: nullableText,
    avatarUrl: nullableText,
    connection: nullableText,
    history: historyChoiceSchema,
    meta: metaSchema,
    participants: z.array(seat),
    /** Whether the participants are what the channel is known by, so that they never change. */
    isFixed: z.boolean(),
  }),
  updated: z.object({
    title: nullableText.optional(),
    avatarUrl: nullableText.optional(),
    history: historyChoiceSchema.optional(),
    archived: z.boolean().optional(),
    meta: metaSchema.optional(),
  }),
  added: z.object({ participants: z.array(seat) }),
  removed: z.object({ participants: z.array(addressSchema) }),
  role: z.object({ participant: addressSchema, role: roleSchema }),
  edit: z.object({ target: entryIdSchema, message: messageSchema }),
  delete: z.object({ target: entryIdSchema }),
  reaction: z.object({ target: entryIdSchema, emoji: emojiSchema, action }),
  pin: z.object({ target: entryIdSchema, action }),
  /** The read mark goes to a message, whose `ordinal` that is: forward, or with `back` to wherever it was put. */
  read: z.object({
    channel: channelNameSchema,
    offset: z.int().min(0),
    ordinal: z.int().min(0),
    back: z.boolean(),
  }),
  delivered: z.object({ channel: channelNameSchema, offset: z.int().min(1) }),
  mute: z.object({ channel: channelNameSchema, until: z.int().nullable() }),
  /** `ordinal` is that of the channel's last message then: the next one shows the channel again. */
  hide: z.object({ channel: channelNameSchema, ordinal: z.int().min(0).nullable() }),
  delete_for_me: z.object({ channel: channelNameSchema, target: entryIdSchema }),
  account: accountChangeSchema,
  /** When the account's last device went. */
  seen: z.object({ at: z.int().min(0) }),
  device: z.discriminatedUnion("action", [
    z.object({ action: z.literal("add"), device: deviceSchema.omit({ addedAt: true }) }),
    z.object({ action: z.literal("remove"), id: z.string() }),
  ]),
  /** Stands on the contact's own channel. */
  contact: contactEntrySchema,
  /** Stands on the contact's own channel. */
  consent: consentEntrySchema,
  /** Stands on the message's channel. */
  delivery: deliveryEntrySchema,
  /** Stand on the connection's own channel. */
  connection: connectionEntrySchema,
  inbound: inboundEntrySchema,
} as const;

/** The data of an entry of kind `deleted`: what is left of a message that was deleted for everyone, or of its edits. */
export interface DeletedData {
  /** Of an edit: the id of its message. */
  readonly target?: string;
  /** The id of the message whose thread the message was in. */
  readonly thread?: string;
}

/** A kind of entry that the server writes for the messaging model. */
export type DomainKind = keyof typeof ENTRY_DATA;

/** The data of an entry of that kind. */
export type EntryData<K extends DomainKind> = z.output<(typeof ENTRY_DATA)[K]>;
