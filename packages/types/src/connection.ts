import { z } from "zod";
import { accountIdSchema, addressSchema } from "./address.ts";
import { channelNameSchema } from "./channel-name.ts";
import { entryIdSchema } from "./entry-id.ts";
import { jsonSchema } from "./json-schema.ts";
import { titleSchema } from "./profile.ts";

const time = z.int().min(0).describe("Milliseconds since the Unix epoch (UTC).");

/** A connection's id: it stands in the URL of its webhooks, and is one in the whole installation. */
export const connectionIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be 1 to 64 letters, digits, _ or -")
  .describe("A connection's id, such as `sms-main`.");

/** Settings of a connector, without secrets; the connector's own schema says which. */
const connectionSettingsSchema = z.record(z.string().min(1).max(64), jsonSchema);

/** Secrets by their names. They are kept encrypted and never given out. */
const connectionSecretsSchema = z.record(z.string().min(1).max(64), z.string().min(1).max(8192));

/** What to do when something is not delivered in time. */
const fallbackSchema = z.strictObject({
  connection: connectionIdSchema.describe("The connection to try instead."),
  afterMs: z
    .int()
    .min(1000)
    .max(604_800_000)
    .describe("When it was not delivered for so long, ms."),
});

/** A rate that replaces one of the connector's own of the same scope. */
export const rateLimitSchema = z.strictObject({
  scope: z.enum(["connection", "sender", "recipient", "portfolio"]),
  rate: z.number().min(0).max(1_000_000).describe("How many in each `perMs`; 0 for no limit."),
  perMs: z.int().min(1).max(86_400_000).default(1000),
  burst: z.int().min(1).max(1_000_000).default(1).describe("How many at once after a rest."),
  unit: z.enum(["message", "segment"]).default("message"),
});

/** How fast something may leave. */
export type RateLimit = z.infer<typeof rateLimitSchema>;

const changeable = {
  title: titleSchema.nullable(),
  settings: connectionSettingsSchema,
  isEnabled: z.boolean(),
  isDefault: z
    .boolean()
    .describe("Whether channels of its network that name no connection take it."),
  defaultAccounts: z
    .array(accountIdSchema)
    .min(1)
    .max(100)
    .describe("Who takes part in a channel that somebody outside begins."),
  fallback: fallbackSchema.nullable(),
  limits: z
    .array(rateLimitSchema)
    .max(16)
    .describe("Instead of the connector's own of the same scope."),
  portfolio: z
    .string()
    .max(64)
    .nullable()
    .describe("Connections that name the same one share its limits."),
} as const;

/** The data of entries of kind `connection`, on the connection's own channel. Secrets are never in it. */
export const connectionEntrySchema = z.discriminatedUnion("action", [
  z.object({
    action: z.literal("created"),
    connector: z.string().min(1).max(64),
    network: z.string().min(1).max(64),
    ...changeable,
    /** Names of the secrets that were given. */
    secrets: z.array(z.string()),
  }),
  z.object({
    action: z.literal("updated"),
    ...z.object(changeable).partial().shape,
    /** Names of the secrets that took the place of all before them. */
    secrets: z.array(z.string()).optional(),
  }),
  /** New values; the old ones hold until `overlapUntil`. */
  z.object({ action: z.literal("rotated"), secrets: z.array(z.string()), overlapUntil: time }),
  z.object({ action: z.literal("removed") }),
]);

/** What was decided about a connection. */
export type ConnectionEntry = z.infer<typeof connectionEntrySchema>;

/** The data of entries of kind `webhook`, on the connection's own channel: what a network sent, before anything was made of it. */
export const webhookEntrySchema = z.object({
  method: z.string().max(16),
  /** Path and query as they came. */
  url: z.string().max(8192),
  /** Lower-case names; without those that authenticate somebody. */
  headers: z.record(z.string(), z.string()),
  /** One of three: as text, as Base64 where it is none, or the id of the blob that keeps it. */
  body: z.union([
    z.object({ text: z.string() }),
    z.object({ base64: z.string() }),
    z.object({ blob: z.string() }),
  ]),
});

/** What a network sent. */
export type WebhookEntry = z.infer<typeof webhookEntrySchema>;

/** The data of entries of kind `inbound`, on the connection's own channel: what was made of what a network sent. */
export const inboundEntrySchema = z.discriminatedUnion("step", [
  /** Where it belongs. Recorded before it is stored there, once for each external id, so that it is stored nowhere else. */
  z.object({
    step: z.literal("routed"),
    externalId: z.string().min(1).max(512),
    contact: addressSchema,
    address: addressSchema,
    /** The product's own address that it was sent to, where the network has several. */
    receiver: z.string().max(300).nullable(),
    channel: channelNameSchema,
    /** Where it belonged before a function sent it to that channel. */
    asked: channelNameSchema.optional(),
    message: entryIdSchema,
    at: time,
  }),
  /** Nothing could be made of it. It can be tried again. */
  z.object({
    step: z.literal("failed"),
    webhook: z.int().min(1).describe("Offset of what came in."),
    code: z.string(),
    reason: z.string().max(512),
  }),
  /** What had failed was handled after all, or is given up. */
  z.object({ step: z.literal("settled"), webhook: z.int().min(1) }),
]);

/** What was made of what a network sent. */
export type InboundEntry = z.infer<typeof inboundEntrySchema>;

/** The data of entries of kind `consent`, on the contact's channel. */
export const consentEntrySchema = z.object({
  address: addressSchema,
  /** The connection it is about; null for all. */
  connection: connectionIdSchema.nullable(),
  state: z.enum(["in", "out"]),
  /** Who says so: the person by a keyword, the network, an operator. */
  source: z.enum(["keyword", "network", "operator"]),
  reason: z.string().max(512),
});

/** Whether somebody wants to be written to. */
export type ConsentEntry = z.infer<typeof consentEntrySchema>;

/** Body of `POST /v1/contacts/{contact}/consent`. */
export const consentRequestSchema = z.strictObject({
  address: z.string().min(3).max(300),
  connection: connectionIdSchema.nullable().default(null),
  state: z.enum(["in", "out"]),
  reason: z.string().trim().min(1).max(512),
});

/** How a connection is. */
export const connectionHealthSchema = z.object({
  state: z.enum(["unknown", "ok", "degraded", "down"]),
  reason: z.string().nullable(),
  humanAction: z
    .enum(["none", "relogin", "pay", "verify", "open_native"])
    .describe("What a person has to do about it."),
  retryAt: time.nullable(),
  checkedAt: time.nullable(),
});

/** How a connection is. */
export type ConnectionHealth = z.infer<typeof connectionHealthSchema>;

/** One configured instance of a connector. */
export const connectionSchema = z.object({
  id: connectionIdSchema,
  connector: z.string(),
  network: z.string(),
  ...changeable,
  secrets: z
    .array(z.string())
    .describe("Names of the secrets that are set; their values never leave."),
  overlapUntil: time
    .nullable()
    .describe("Until when the secrets before the last rotation hold, too."),
  webhookUrl: z.string().describe("What to give the network."),
  createdAt: time,
});

/** One configured instance of a connector. */
export type Connection = z.infer<typeof connectionSchema>;

/** Body of `POST /v1/connections`. */
export const createConnectionRequestSchema = z.strictObject({
  id: connectionIdSchema.optional(),
  connector: z.string().min(1).max(64),
  title: changeable.title.default(null),
  settings: changeable.settings.default({}),
  secrets: connectionSecretsSchema.default({}),
  isEnabled: z.boolean().default(true),
  isDefault: z.boolean().optional().describe("Default: whether it is the first of its network."),
  defaultAccounts: changeable.defaultAccounts
    .optional()
    .describe("Default: the account that creates it."),
  fallback: changeable.fallback.default(null),
  limits: changeable.limits.default([]),
  portfolio: changeable.portfolio.default(null),
});

/** Names a connection. */
export const connectionRequestSchema = z.strictObject({ id: connectionIdSchema });

/** What to change of a connection; what is absent stays. */
export const updateConnectionRequestSchema = z.strictObject({
  ...z.object(changeable).partial().shape,
  secrets: connectionSecretsSchema
    .optional()
    .describe(
      "All secrets anew, in the place of those before. What may decide where they are sent changes only with them.",
    ),
});

/** New secrets. Those that are not named stay. */
export const rotateSecretsRequestSchema = z.strictObject({
  secrets: connectionSecretsSchema,
  overlapMs: z
    .int()
    .min(0)
    .max(2_592_000_000)
    .default(86_400_000)
    .describe("How long the old values hold beside the new ones, ms."),
});

/** Sends a message to try a connection out. */
export const testConnectionRequestSchema = z.strictObject({
  to: z.string().min(3).max(300).describe("An address, such as `phone:+447700900123`."),
  text: z.string().min(1).max(1000).default("A test message from Anywire."),
});

/** What a message to try a connection out became: it stands in a channel as any other. */
export const testConnectionAnswerSchema = z.object({
  channel: channelNameSchema,
  message: entryIdSchema,
});

/** Connections by id. */
export const connectionsPageSchema = z.object({
  connections: z.array(connectionSchema),
  cursor: z.string().optional(),
});

/** Query of `GET /v1/connections`. */
export const connectionsQuerySchema = z.strictObject({
  network: z.string().max(64).optional(),
  cursor: connectionIdSchema.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** A connector that this server has. */
export const connectorInfoSchema = z.object({
  id: z.string(),
  version: z.string(),
  displayName: z.string(),
  network: z.string(),
  addressKinds: z
    .array(z.string())
    .describe("Kinds of the addresses that it reaches: `phone` is that of `phone:+447700900123`."),
  settings: jsonSchema.describe("JSON Schema of a connection's `settings`."),
  secrets: z.array(
    z.object({ name: z.string(), description: z.string(), isRequired: z.boolean() }),
  ),
});

/** The connectors that this server has. */
export const connectorsAnswerSchema = z.object({ connectors: z.array(connectorInfoSchema) });

/** What came in and could not be handled. */
export const inboundProblemsSchema = z.object({
  problems: z.array(z.object({ offset: z.int(), at: time, code: z.string(), reason: z.string() })),
  cursor: z.string().optional(),
});
