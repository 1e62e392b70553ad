import type { LogEntry, Pipeline } from "@anywire/core";
import { type SentMessage, sendMessageRequestSchema, sentMessageSchema } from "@anywire/types";
import type { ApiOperation, ApiRoute } from "./api-operation.ts";
import { authenticate, type TokenChecker } from "./bearer-token.ts";
import { CHANNEL, channelOf } from "./channel-parameter.ts";
import { checkInput } from "./check-input.ts";
import { type BodyLimits, readJsonBody } from "./json-body.ts";

/** What sending messages needs. */
export interface MessagesRouteOptions {
  readonly pipeline: Pick<Pipeline, "publish">;
  readonly log: { readonly epoch: string };
  readonly verifier: TokenChecker;
  readonly bodyLimits: BodyLimits;
}

const sent: SentMessage = {
  id: "01990d3e-7a10-7cc0-8a51-3f0f3c1b2a55",
  channel: "production.group.lobby",
  offset: 1042,
  epoch: "5f1c7c0a",
  timetoken: "17835264000000000",
  at: 1_783_526_400_000,
};

const operation: ApiOperation = {
  method: "POST",
  path: "/v1/channels/{channel}/messages",
  id: "sendMessage",
  tag: "Messages",
  summary: "Send a message",
  description:
    "Stores a message on a channel and hands it to everyone subscribed. The answer comes once it is durable. Give it an `id` of your own, and sending it again after a lost answer stores nothing twice. Needs a `publish` pattern that covers the channel.",
  needsToken: true,
  parameters: { channel: CHANNEL },
  body: {
    schema: sendMessageRequestSchema,
    example: { id: sent.id, text: "Hello, everyone" },
  },
  answers: {
    201: { description: "Stored.", schema: sentMessageSchema, example: sent },
    200: {
      description: "It was stored before, under the same id; this is where.",
      schema: sentMessageSchema,
      example: sent,
    },
  },
  errors: [
    "bad_request",
    "unauthenticated",
    "token_expired",
    "permission_denied",
    "unknown_channel",
    "too_large",
    "function_aborted",
    "function_failed",
    "unavailable",
    "storage_full",
  ],
};

/** `POST /v1/channels/{channel}/messages`: says something on a channel. */
export function createMessagesRoute(options: MessagesRouteOptions): ApiRoute {
  const { pipeline, log, verifier, bodyLimits } = options;
  return {
    operation,
    async handle(context) {
      // Before the body is read: who may not speak is not listened to.
      const principal = await authenticate(context, verifier);
      const body = await readJsonBody(context.req.raw, bodyLimits);
      const { id, ...message } = checkInput(sendMessageRequestSchema, body, "the message");
      const { entry, isNew } = await pipeline.publish(principal, {
        channel: channelOf(context),
        kind: "message",
        data: message,
        ...(id === undefined ? {} : { id }),
      });
      return context.json(sentMessage(entry, log.epoch), isNew ? 201 : 200);
    },
  };
}

function sentMessage({ id, channel, offset, timetoken, at }: LogEntry, epoch: string): SentMessage {
  return { id, channel, offset, epoch, timetoken, at };
}
