import {
  deleteMessageRequestSchema,
  editMessageRequestSchema,
  messagesQuerySchema,
  reactionRequestSchema,
} from "@anywire/types";
import type { ModelEndpoint } from "./model-endpoint.ts";
import { EXAMPLES } from "./model-examples.ts";

const CHANNEL = "/v1/channels/{channel}";
const MESSAGE = `${CHANNEL}/messages/{message}`;

const ofMessage = ({ channel, message, ...rest }: Readonly<Record<string, string>>): object => {
  return { channel, id: message, ...rest };
};

/** What can be done with messages, over HTTP. */
export const MESSAGE_ENDPOINTS: readonly ModelEndpoint[] = [
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
    example: { messages: [EXAMPLES.message], asOf: 42 },
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
    errors: [
      "unknown_channel",
      "conflict",
      "too_large",
      "function_aborted",
      "function_failed",
      "storage_full",
    ],
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
      "For everyone: one's own, or any as an owner. With `forMe=true` only out of one's own sight.",
    query: deleteMessageRequestSchema,
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
      example: EXAMPLES.message,
      errors: ["unknown_channel", "conflict", "storage_full"],
      toRequest: ofMessage,
    };
  }),
];
