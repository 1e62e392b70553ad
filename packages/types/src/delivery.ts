import { z } from "zod";
import { addressSchema } from "./address.ts";
import { channelNameSchema } from "./channel-name.ts";
import { entryIdSchema } from "./entry-id.ts";

/**
 * How far a delivery has come. `queued` waits for its turn; `sending` was handed to the network, whose answer is awaited;
 * `unconfirmed` may have arrived or not, since no answer came: it is never sent again by itself; `sent` was accepted by the
 * network; `delivered` has reached the recipient's device, `read` the recipient. `failed` will not arrive; `canceled` was called back
 * before it was sent.
 */
export const DELIVERY_STATUSES = [
  "queued",
  "sending",
  "unconfirmed",
  "sent",
  "delivered",
  "read",
  "failed",
  "canceled",
] as const;

/** One of {@link DELIVERY_STATUSES}. */
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/**
 * Why something was not delivered: what is to be done about it, the same for all networks. `consent` to `bulk_refused` are the
 * host's own, said before the network is called; all others are what a network answers.
 */
export const DELIVERY_ERRORS = [
  "consent",
  "window_closed",
  "template_needed",
  "human_action_required",
  "bulk_refused",
  "no_address",
  "no_connection",
  "expired",
  "invalid_recipient",
  "unreachable",
  "opted_out",
  "content_rejected",
  "too_large",
  "unsupported",
  "rate_limited",
  "quota_exhausted",
  "auth",
  "payment",
  "spam_blocked",
  "network",
  "unknown",
] as const;

/** One of {@link DELIVERY_ERRORS}. */
export type DeliveryErrorClass = (typeof DELIVERY_ERRORS)[number];

/** Why something was not delivered. */
export const deliveryErrorSchema = z.object({
  class: z.enum(DELIVERY_ERRORS).describe("What kind of trouble it is, the same on all networks."),
  code: z.string().max(64).optional().describe("The network's own code."),
  reason: z.string().max(512).describe("What was wrong, and what to do, for a person."),
});

/** Why something was not delivered. */
export type DeliveryError = z.infer<typeof deliveryErrorSchema>;

/** What a message costs: an amount in units of the currency, such as 0.0075. */
export const priceSchema = z.object({
  amount: z.number().min(0),
  currency: z.string().regex(/^[A-Z]{3}$/, "must be a code of ISO 4217, such as USD"),
});

/** What a message costs. */
export type Price = z.infer<typeof priceSchema>;

/** What is done to a message at the network. */
export const DELIVERY_ACTIONS = ["send", "edit", "delete", "react", "unreact"] as const;

/** One of {@link DELIVERY_ACTIONS}. */
export type DeliveryAction = (typeof DELIVERY_ACTIONS)[number];

const time = z.int().min(0).describe("Milliseconds since the Unix epoch (UTC).");
const connectionId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const externalId = z.string().min(1).max(512);

/** A plan: what is to reach whom, by which way. */
const plan = {
  /** Of the delivery; made when it was planned, so ids sort by time. */
  id: entryIdSchema,
  /** The message it is about. */
  message: entryIdSchema,
  action: z.enum(DELIVERY_ACTIONS),
  /** The entry that asked for the action, when it is not the message itself. */
  cause: entryIdSchema.nullable(),
  participant: addressSchema,
  /** Null where it was refused for having none. */
  address: addressSchema.nullable(),
  /** Null where it was refused for having none. */
  connection: connectionId.nullable(),
  network: z.string(),
  expiresAt: time,
  /** The delivery that this one stands in for. */
  fallbackOf: entryIdSchema.nullable(),
  /** Sent over this connection instead, when it is not delivered by then. */
  fallback: z.object({ connection: connectionId, at: time }).nullable(),
  /** It only tries a connection out: no conversation goes on there for it. */
  isTest: z.literal(true).optional(),
} as const;

/**
 * The data of entries of kind `delivery`, on the message's channel: one step in the life of a delivery. What an entry contradicts
 * stays as it is: a receipt that comes late takes nothing back.
 */
export const deliveryEntrySchema = z.discriminatedUnion("step", [
  z.object({ step: z.literal("queued"), ...plan }),
  /** Refused before the network was called. */
  z.object({ step: z.literal("refused"), ...plan, error: deliveryErrorSchema }),
  /** Handed to the network next. After this nobody sends it again without knowing what became of it. */
  z.object({ step: z.literal("sending"), id: entryIdSchema, attempt: z.int().min(1) }),
  z.object({
    step: z.literal("sent"),
    id: entryIdSchema,
    externalIds: z.array(externalId).max(32),
    /** The sender's own address that the network shows, where it chose one. */
    from: z.string().max(300).optional(),
    segments: z.int().min(1).optional(),
    price: priceSchema.optional(),
    /** What the network can't show and what was left out or changed for that. */
    warnings: z.array(z.string().max(512)).max(16).optional(),
  }),
  /** Surely not sent; tried again at `dueAt`. Waiting for the network's permission is no attempt. */
  z.object({
    step: z.literal("postponed"),
    id: entryIdSchema,
    dueAt: time,
    isAttempt: z.boolean(),
    error: deliveryErrorSchema,
  }),
  /** `isFinal`: nobody can find out by asking; only a receipt or an operator decides. */
  z.object({
    step: z.literal("unconfirmed"),
    id: entryIdSchema,
    isFinal: z.boolean(),
    reason: z.string().max(512),
  }),
  z.object({
    step: z.enum(["delivered", "read"]),
    id: entryIdSchema,
    /** When, as the network says. */
    at: time.optional(),
    from: z.string().max(300).optional(),
    price: priceSchema.optional(),
  }),
  z.object({ step: z.literal("failed"), id: entryIdSchema, error: deliveryErrorSchema }),
  /** An operator has it sent again. */
  z.object({ step: z.literal("retried"), id: entryIdSchema, expiresAt: time }),
  z.object({ step: z.literal("canceled"), id: entryIdSchema }),
]);

/** One step in the life of a delivery. */
export type DeliveryEntry = z.infer<typeof deliveryEntrySchema>;

/** How far one delivery of a message has come, as the message itself tells. */
export const messageDeliverySchema = z.object({
  id: entryIdSchema,
  participant: addressSchema,
  network: z.string(),
  connection: z.string().nullable(),
  status: z.enum(DELIVERY_STATUSES),
  error: deliveryErrorSchema.nullable(),
});

/** How far one delivery of a message has come. */
export type MessageDelivery = z.infer<typeof messageDeliverySchema>;

/** One message on its way to one address through one connection. */
export const deliverySchema = messageDeliverySchema.extend({
  channel: channelNameSchema,
  message: entryIdSchema,
  action: z.enum(DELIVERY_ACTIONS),
  address: addressSchema.nullable(),
  from: z.string().nullable().describe("The sender's own address, where the network told."),
  externalIds: z
    .array(z.string())
    .describe("What the network calls it; several for several parts."),
  attempts: z.int().min(0),
  dueAt: time.nullable().describe("When it is tried again; null when it is not waiting."),
  segments: z.int().nullable(),
  price: priceSchema.nullable(),
  warnings: z.array(z.string()).describe("What the network can't show, and what became of it."),
  fallbackOf: entryIdSchema.nullable().describe("The delivery that this one stands in for."),
  wasContradicted: z
    .boolean()
    .describe("Whether the network said both that it failed and that it arrived."),
  createdAt: time,
  statusAt: time,
  expiresAt: time,
});

/** One message on its way to one address through one connection. */
export type Delivery = z.infer<typeof deliverySchema>;

/** One delivery and every step of it, oldest first. */
export const deliveryHistorySchema = deliverySchema.extend({
  steps: z.array(
    z.object({ at: time, offset: z.int(), step: z.string(), data: z.looseObject({}) }),
  ),
});

/** One delivery and every step of it. */
export type DeliveryHistory = z.infer<typeof deliveryHistorySchema>;

/** Query of `GET /v1/deliveries`, newest first. */
export const deliveriesQuerySchema = z.strictObject({
  channel: channelNameSchema.optional(),
  message: entryIdSchema.optional().describe("Of one message; needs `channel`."),
  connection: connectionId.optional(),
  state: z
    .enum(["all", "open", "problem"])
    .default("all")
    .describe(
      "`open`: not yet sent, of one `connection`. `problem`: failed or unconfirmed (dead letters).",
    ),
  cursor: z.string().max(256).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

/** A page of deliveries; without `cursor` it is the last one. */
export const deliveriesPageSchema = z.object({
  deliveries: z.array(deliverySchema),
  cursor: z.string().optional(),
});

/** A page of deliveries. */
export type DeliveriesPage = z.infer<typeof deliveriesPageSchema>;

/** Names a delivery. */
export const deliveryRequestSchema = z.strictObject({ id: entryIdSchema });
