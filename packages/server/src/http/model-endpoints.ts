import {
  accountChangeSchema,
  addAddressRequestSchema,
  channelNameSchema,
  channelsQuerySchema,
  contactHistoryQuerySchema,
  contactsQuerySchema,
  createContactRequestSchema,
  deleteMessageRequestSchema,
  type ErrorCode,
  editMessageRequestSchema,
  entryIdSchema,
  markRequestSchema,
  mergeRequestSchema,
  messagesQuerySchema,
  muteRequestSchema,
  openChannelRequestSchema,
  participantsRequestSchema,
  reactionRequestSchema,
  removeAddressRequestSchema,
  roleRequestSchema,
  rotateAddressRequestSchema,
  saveAccountRequestSchema,
  saveDeviceRequestSchema,
  updateChannelRequestSchema,
  updateContactRequestSchema,
  verifyAddressRequestSchema,
} from "@anywire/types";
import { z } from "zod";
import type { ApiContent, ApiOperation, ApiTag, PathParameter } from "./api-operation.ts";
import { EXAMPLES } from "./model-examples.ts";

/** How one operation of the messaging model is called over HTTP. */
export interface ModelEndpoint {
  readonly method: ApiOperation["method"];
  readonly path: string;
  /** Unique; names it in generated clients. */
  readonly id: string;
  /** The name of the operation in core. */
  readonly operation: string;
  readonly tag: ApiTag;
  readonly summary: string;
  readonly description: string;
  readonly query?: z.ZodObject;
  readonly body?: ApiContent;
  /** An answer. */
  readonly example: unknown;
  /** Whether it answers 201 when something came to be. */
  readonly mayBeNew?: boolean;
  readonly errors?: readonly ErrorCode[];
  /** What the path says, as fields of the request, where that is more than its parameters. */
  readonly toRequest?: (parameters: Readonly<Record<string, string>>) => object;
}

/** A body without which the request is complete. */
export const emptyBodySchema = z.strictObject({});

/** From where on a channel is unread. */
export const unreadBodySchema = markRequestSchema.partial();

/** Participants to take out. */
export const removeParticipantsSchema = participantsRequestSchema.omit({ role: true });

/** Query of `GET /v1/channels/{channel}/participants`. */
const pageQuerySchema = z.strictObject({
  cursor: z.string().optional().describe("Where the page begins: that of the page before."),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe("How many at most."),
});

const id = { schema: entryIdSchema, example: "01990d3e-7a10-7cc0-8a51-3f0f3c1b2a55" };

/** What can stand in a path, by name. */
export const PARAMETERS: Readonly<Record<string, PathParameter>> = {
  channel: { schema: channelNameSchema, example: "production.group.lobby" },
  message: id,
  account: { schema: z.string().describe("An account's id."), example: "bob" },
  contact: { schema: z.string().describe("A contact's id."), example: "k3f0" },
  device: { schema: z.string().describe("A device's id."), example: "phone-1" },
  emoji: { schema: z.string().describe("The mark, URL-encoded."), example: "👍" },
};

const CHANNEL = "/v1/channels/{channel}";
const MESSAGE = `${CHANNEL}/messages/{message}`;
const CONTACT = "/v1/contacts/{contact}";
const NOTHING: ApiContent = { schema: emptyBodySchema, example: {} };

const ofMessage = ({ channel, message, ...rest }: Readonly<Record<string, string>>): object => {
  return { channel, id: message, ...rest };
};
const ofContact = ({ contact }: Readonly<Record<string, string>>): object => ({ id: contact });

/** Every operation of the messaging model over HTTP. */
export const MODEL_ENDPOINTS: readonly ModelEndpoint[] = [
  {
    method: "POST",
    path: "/v1/channels",
    id: "openChannel",
    operation: "channel.open",
    tag: "Channels",
    summary: "Open a channel",
    description:
      "For types that are known by their participants, such as `direct`, the same participants give the same channel, whoever opens it how often; a `group` is a new one each time, unless you give an `id` of your own. Whoever opens it takes part.",
    body: { schema: openChannelRequestSchema, example: EXAMPLES.openChannel },
    example: EXAMPLES.channel,
    mayBeNew: true,
    errors: ["limit_exceeded", "too_large", "storage_full"],
  },
  {
    method: "GET",
    path: "/v1/channels",
    id: "listChannels",
    operation: "channel.list",
    tag: "Channels",
    summary: "List channels",
    description:
      "The channels one takes part in, newest activity first. As long as there is a `cursor`, there is more.",
    query: channelsQuerySchema,
    example: { channels: [EXAMPLES.summary], asOf: 1042 },
  },
  {
    method: "GET",
    path: CHANNEL,
    id: "getChannel",
    operation: "channel.get",
    tag: "Channels",
    summary: "Look at a channel",
    description: "Its title, its first participants, and how many messages it has.",
    example: EXAMPLES.channel,
    errors: ["unknown_channel"],
  },
  {
    method: "PATCH",
    path: CHANNEL,
    id: "updateChannel",
    operation: "channel.update",
    tag: "Channels",
    summary: "Change a channel",
    description:
      "Title, avatar, what a newcomer may see, `meta`, or whether it is archived, that is closed to new messages. Needs the role `owner`. What is absent stays, `null` takes away.",
    body: { schema: updateChannelRequestSchema, example: { title: "Lobby" } },
    example: EXAMPLES.channel,
    errors: ["unknown_channel", "too_large", "storage_full"],
  },
  {
    method: "GET",
    path: `${CHANNEL}/participants`,
    id: "listParticipants",
    operation: "channel.participants",
    tag: "Channels",
    summary: "List participants",
    description: "Everyone in a channel, with how far they have read and got.",
    query: pageQuerySchema,
    example: { participants: [EXAMPLES.participant] },
    errors: ["unknown_channel"],
  },
  {
    method: "POST",
    path: `${CHANNEL}/participants`,
    id: "addParticipants",
    operation: "channel.add",
    tag: "Channels",
    summary: "Add participants",
    description: "Needs the role `member`. Those who take part already stay as they are.",
    body: { schema: participantsRequestSchema, example: { participants: ["account:carol"] } },
    example: EXAMPLES.channel,
    errors: ["unknown_channel", "conflict", "limit_exceeded", "storage_full"],
  },
  {
    method: "POST",
    path: `${CHANNEL}/participants/remove`,
    id: "removeParticipants",
    operation: "channel.remove",
    tag: "Channels",
    summary: "Remove participants",
    description: "Needs the role `owner`. They stop receiving at once.",
    body: { schema: removeParticipantsSchema, example: { participants: ["account:carol"] } },
    example: EXAMPLES.channel,
    errors: ["unknown_channel", "conflict", "storage_full"],
  },
  {
    method: "POST",
    path: `${CHANNEL}/roles`,
    id: "setRole",
    operation: "channel.role",
    tag: "Channels",
    summary: "Give a participant another role",
    description: "Needs the role `owner`. A channel always keeps one.",
    body: { schema: roleRequestSchema, example: { participant: "account:carol", role: "guest" } },
    example: EXAMPLES.channel,
    errors: ["unknown_channel", "conflict", "storage_full"],
  },
  ...(
    [
      [
        "read",
        "channel.read",
        "Mark as read",
        "Everything up to an offset is read, on all one's devices. Reading less than before changes nothing.",
        markRequestSchema,
        { offset: 1042 },
        EXAMPLES.read,
      ],
      [
        "unread",
        "channel.unread",
        "Mark as unread",
        "From a message on, or the last one without an offset.",
        unreadBodySchema,
        { offset: 1042 },
        EXAMPLES.read,
      ],
      [
        "delivered",
        "channel.delivered",
        "Acknowledge delivery",
        "Everything up to an offset has come to one of one's devices.",
        markRequestSchema,
        { offset: 1042 },
        {},
      ],
      [
        "mute",
        "channel.mute",
        "Mute a channel",
        "Until a time, or until it is unmuted.",
        muteRequestSchema,
        { until: 1_783_530_000_000 },
        EXAMPLES.muted,
      ],
      [
        "unmute",
        "channel.unmute",
        "Unmute a channel",
        "On all one's devices.",
        emptyBodySchema,
        {},
        EXAMPLES.unmuted,
      ],
      [
        "hide",
        "channel.hide",
        "Hide a channel",
        "On all one's devices, until somebody says something on it.",
        emptyBodySchema,
        {},
        EXAMPLES.hidden,
      ],
      [
        "unhide",
        "channel.unhide",
        "Show a hidden channel",
        "On all one's devices.",
        emptyBodySchema,
        {},
        EXAMPLES.shown,
      ],
      [
        "leave",
        "channel.leave",
        "Leave a channel",
        "One receives nothing of it any more. A channel that is known by its participants is not left: hide it.",
        emptyBodySchema,
        {},
        {},
      ],
    ] as const
  ).map(
    ([name, operation, summary, description, schema, example, answer]): ModelEndpoint => ({
      method: "POST",
      path: `${CHANNEL}/${name}`,
      id: `${name}Channel`,
      operation,
      tag: "Channels",
      summary,
      description,
      body: { schema, example },
      example: answer,
      errors: ["conflict", "storage_full"],
    }),
  ),
  {
    method: "GET",
    path: `${CHANNEL}/messages`,
    id: "listMessages",
    operation: "message.list",
    tag: "Messages",
    summary: "Read messages as they are now",
    description:
      "A page of messages with their edits, reactions and pins, from the newest or from the oldest; those of a `thread`, or those that are pinned. Deleted ones keep their place.",
    query: messagesQuerySchema,
    example: { messages: [EXAMPLES.message] },
    errors: ["unknown_channel"],
  },
  {
    method: "GET",
    path: MESSAGE,
    id: "getMessage",
    operation: "message.get",
    tag: "Messages",
    summary: "Read one message",
    description: "In its present form.",
    example: EXAMPLES.message,
    errors: ["unknown_channel"],
    toRequest: ofMessage,
  },
  {
    method: "GET",
    path: `${MESSAGE}/versions`,
    id: "listVersions",
    operation: "message.versions",
    tag: "Messages",
    summary: "Read what a message said",
    description: "One version after the other.",
    example: {
      versions: [
        { version: 1, at: EXAMPLES.message.at, by: "account:bob", data: { text: "Hello" } },
      ],
    },
    errors: ["unknown_channel"],
    toRequest: ofMessage,
  },
  {
    method: "PATCH",
    path: MESSAGE,
    id: "editMessage",
    operation: "message.edit",
    tag: "Messages",
    summary: "Edit a message",
    description: "One's own; the whole of what it now says. Earlier versions are kept.",
    body: { schema: editMessageRequestSchema, example: { text: "Hello, everyone" } },
    example: EXAMPLES.message,
    errors: ["unknown_channel", "conflict", "too_large", "storage_full"],
    toRequest: ofMessage,
  },
  {
    method: "DELETE",
    path: MESSAGE,
    id: "deleteMessage",
    operation: "message.delete",
    tag: "Messages",
    summary: "Delete a message",
    description:
      "For everyone: one's own, or any as an owner. With `forMe` in the body only out of one's own sight.",
    body: { schema: deleteMessageRequestSchema, example: { forMe: false } },
    example: {},
    errors: ["unknown_channel", "conflict", "storage_full"],
    toRequest: ofMessage,
  },
  {
    method: "POST",
    path: `${MESSAGE}/reactions`,
    id: "addReaction",
    operation: "reaction.add",
    tag: "Messages",
    summary: "React to a message",
    description: "With an emoji or a word. Twice the same is once.",
    body: { schema: reactionRequestSchema, example: { emoji: "👍" } },
    example: EXAMPLES.message,
    errors: ["unknown_channel", "conflict", "storage_full"],
    toRequest: ofMessage,
  },
  {
    method: "DELETE",
    path: `${MESSAGE}/reactions/{emoji}`,
    id: "removeReaction",
    operation: "reaction.remove",
    tag: "Messages",
    summary: "Take a reaction back",
    description: "One's own.",
    body: NOTHING,
    example: EXAMPLES.message,
    errors: ["unknown_channel", "conflict", "storage_full"],
    toRequest: ofMessage,
  },
  ...(["PUT", "DELETE"] as const).map((method): ModelEndpoint => {
    const isAdded = method === "PUT";
    return {
      method,
      path: `${MESSAGE}/pin`,
      id: isAdded ? "pinMessage" : "unpinMessage",
      operation: isAdded ? "pin.add" : "pin.remove",
      tag: "Messages",
      summary: isAdded ? "Pin a message" : "Unpin a message",
      description: "Needs the role `member`.",
      body: NOTHING,
      example: EXAMPLES.message,
      errors: ["unknown_channel", "conflict", "storage_full"],
      toRequest: ofMessage,
    };
  }),
  {
    method: "GET",
    path: "/v1/me/snapshot",
    id: "getSnapshot",
    operation: "me.snapshot",
    tag: "Account",
    summary: "Take a snapshot of one's account",
    description:
      "Everything a device shows: all channels with what is unread, and the sums. Whoever then applies the events of the notification channel with a larger offset holds what a new snapshot would say.",
    example: EXAMPLES.snapshot,
    errors: ["storage_full"],
  },
  {
    method: "PATCH",
    path: "/v1/me",
    id: "updateMe",
    operation: "me.update",
    tag: "Account",
    summary: "Change one's account",
    description: "What is absent stays, `null` takes away.",
    body: { schema: accountChangeSchema, example: { name: "Bob" } },
    example: EXAMPLES.account,
    errors: ["too_large", "storage_full"],
  },
  {
    method: "GET",
    path: "/v1/me/devices",
    id: "listDevices",
    operation: "me.devices",
    tag: "Account",
    summary: "List one's devices",
    description: "Those that were made known.",
    example: { devices: [EXAMPLES.device] },
  },
  {
    method: "POST",
    path: "/v1/me/devices",
    id: "saveDevice",
    operation: "device.add",
    tag: "Account",
    summary: "Make a device known",
    description: "Or change what is known of it.",
    body: { schema: saveDeviceRequestSchema, example: { id: "phone-1", kind: "ios" } },
    example: EXAMPLES.device,
    mayBeNew: true,
    errors: ["storage_full"],
  },
  {
    method: "DELETE",
    path: "/v1/me/devices/{device}",
    id: "removeDevice",
    operation: "device.remove",
    tag: "Account",
    summary: "Forget a device",
    description: "Nothing is sent to it any more.",
    body: NOTHING,
    example: {},
    errors: ["storage_full"],
    toRequest: ({ device }) => ({ id: device }),
  },
  {
    method: "GET",
    path: "/v1/accounts",
    id: "listAccounts",
    operation: "account.list",
    tag: "Account",
    summary: "List accounts",
    description: "All that the platform knows, by id.",
    query: pageQuerySchema,
    example: { accounts: [EXAMPLES.account] },
  },
  {
    method: "POST",
    path: "/v1/accounts",
    id: "saveAccount",
    operation: "account.save",
    tag: "Account",
    summary: "Save an account",
    description:
      "Creates it, or changes it. One's own, or with a `manage` pattern that names `notification`, any.",
    body: { schema: saveAccountRequestSchema, example: { id: "bob", name: "Bob" } },
    example: EXAMPLES.account,
    mayBeNew: true,
    errors: ["too_large", "storage_full"],
  },
  {
    method: "GET",
    path: "/v1/accounts/{account}",
    id: "getAccount",
    operation: "account.get",
    tag: "Account",
    summary: "Look at an account",
    description: "What people call it, and its avatar.",
    example: EXAMPLES.account,
    toRequest: ({ account }) => ({ id: account }),
  },
  {
    method: "GET",
    path: "/v1/contacts",
    id: "listContacts",
    operation: "contact.list",
    tag: "Contacts",
    summary: "List contacts",
    description: "All of the platform by id, or the one who has an `address`.",
    query: contactsQuerySchema,
    example: { contacts: [EXAMPLES.contact] },
  },
  {
    method: "POST",
    path: "/v1/contacts",
    id: "createContact",
    operation: "contact.create",
    tag: "Contacts",
    summary: "Create a contact",
    description:
      "With its addresses, each of which belongs to nobody else. Needs a `manage` pattern that covers contacts.",
    body: {
      schema: createContactRequestSchema,
      example: { addresses: ["phone:+447700900123"], name: "Ann" },
    },
    example: EXAMPLES.contact,
    mayBeNew: true,
    errors: ["conflict", "too_large", "storage_full"],
  },
  {
    method: "GET",
    path: CONTACT,
    id: "getContact",
    operation: "contact.get",
    tag: "Contacts",
    summary: "Look at a contact",
    description: "Its addresses, and whether it is merged into another.",
    example: EXAMPLES.contact,
    toRequest: ofContact,
  },
  {
    method: "PATCH",
    path: CONTACT,
    id: "updateContact",
    operation: "contact.update",
    tag: "Contacts",
    summary: "Change a contact",
    description: "What is absent stays, `null` takes away.",
    body: { schema: updateContactRequestSchema, example: { name: "Ann" } },
    example: EXAMPLES.contact,
    errors: ["conflict", "too_large", "storage_full"],
    toRequest: ofContact,
  },
  {
    method: "GET",
    path: `${CONTACT}/history`,
    id: "getContactHistory",
    operation: "contact.history",
    tag: "Contacts",
    summary: "Read what was decided about a contact",
    description: "By whom, when, what and why, oldest first.",
    query: contactHistoryQuerySchema,
    example: { entries: [] },
    toRequest: ofContact,
  },
  ...(
    [
      [
        "addresses",
        "add_address",
        "Add an address",
        "One that belongs to nobody else.",
        addAddressRequestSchema,
        { address: "email:ann@example.org" },
      ],
      [
        "addresses/verify",
        "verify_address",
        "Verify an address",
        "It was shown to be the contact's.",
        verifyAddressRequestSchema,
        { address: "email:ann@example.org", method: "link" },
      ],
      [
        "addresses/remove",
        "remove_address",
        "Remove an address",
        "It belongs to nobody then.",
        removeAddressRequestSchema,
        { address: "email:ann@example.org", reason: "bounces" },
      ],
      [
        "addresses/rotate",
        "rotate_address",
        "Rotate an address",
        "Another takes its place; channels stay what they are.",
        rotateAddressRequestSchema,
        { from: "phone:+447700900123", to: "phone:+447700900124", reason: "new number" },
      ],
      [
        "merge",
        "merge",
        "Merge contacts",
        "The other's addresses become this one's, which remembers where they came from.",
        mergeRequestSchema,
        { from: "k3f1", reason: "same person" },
      ],
      [
        "unmerge",
        "unmerge",
        "Undo a merge",
        "The other has its addresses back, those that are still here.",
        mergeRequestSchema,
        { from: "k3f1", reason: "two people after all" },
      ],
    ] as const
  ).map(
    ([path, name, summary, description, schema, example]): ModelEndpoint => ({
      method: "POST",
      path: `${CONTACT}/${path}`,
      id: `${name.replace(/_(\w)/, (_, letter: string) => letter.toUpperCase())}Contact`,
      operation: `contact.${name}`,
      tag: "Contacts",
      summary,
      description,
      body: { schema, example },
      example: EXAMPLES.contact,
      errors: ["conflict", "storage_full"],
      toRequest: ofContact,
    }),
  ),
];
