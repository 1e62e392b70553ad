import { channelNameSchema, connectionIdSchema, entryIdSchema } from "@anywire/types";
import { z } from "zod";
import { ACCOUNT_ENDPOINTS } from "./account-endpoints.ts";
import type { PathParameter } from "./api-operation.ts";
import { CHANNEL_ENDPOINTS } from "./channel-endpoints.ts";
import { CONNECTION_ENDPOINTS } from "./connection-endpoints.ts";
import { CONTACT_ENDPOINTS } from "./contact-endpoints.ts";
import { DELIVERY_ENDPOINTS } from "./delivery-endpoints.ts";
import { MESSAGE_ENDPOINTS } from "./message-endpoints.ts";
import type { ModelEndpoint } from "./model-endpoint.ts";

const idOf = (what: string): PathParameter => ({
  schema: entryIdSchema.describe(`${what} id.`),
  example: "01990d3e-7a10-7cc0-8a51-3f0f3c1b2a55",
});

/** What can stand in a path, by name. */
export const PARAMETERS: Readonly<Record<string, PathParameter>> = {
  channel: { schema: channelNameSchema, example: "production.group.lobby" },
  message: idOf("A message's"),
  account: { schema: z.string().describe("An account's id."), example: "bob" },
  contact: { schema: z.string().describe("A contact's id."), example: "k3f0" },
  device: { schema: z.string().describe("A device's id."), example: "phone-1" },
  connection: { schema: connectionIdSchema, example: "sms-main" },
  delivery: idOf("A delivery's"),
  offset: {
    schema: z.string().describe("The offset of what came in."),
    example: "1042",
  },
  emoji: { schema: z.string().describe("The mark, URL-encoded."), example: "👍" },
};

/** Every operation of the messaging model over HTTP. */
export const MODEL_ENDPOINTS: readonly ModelEndpoint[] = [
  ...CHANNEL_ENDPOINTS,
  ...MESSAGE_ENDPOINTS,
  ...ACCOUNT_ENDPOINTS,
  ...CONTACT_ENDPOINTS,
  ...CONNECTION_ENDPOINTS,
  ...DELIVERY_ENDPOINTS,
];
