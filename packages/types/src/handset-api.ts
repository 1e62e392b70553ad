import { z } from "zod";

/** Somebody at the other end, as the network knows them. */
export const handsetPersonSchema = z
  .string()
  .regex(/^[^\p{Cc}]{1,300}$/u, "must be 1 to 300 characters")
  .describe("A person, as the network knows them: a phone number, a mailbox, a handle.");

const messageId = z.string().min(1).max(512);
const emoji = z.string().min(1).max(64);
const times = z.int().min(1).max(1000).default(1);
const delay = z.int().min(0).max(3_600_000);

/** What can go wrong in a simulated network. */
export const HANDSET_FAULTS = [
  "rate_limit",
  "server_error",
  "accept_then_hang",
  "accept_then_close",
  "html",
  "fail_later",
  "drop_webhook",
  "duplicate_webhook",
  "reorder_webhook",
  "late_webhook",
] as const;

/** One of {@link HANDSET_FAULTS}. */
export type HandsetFaultKind = (typeof HANDSET_FAULTS)[number];

/** Body of `POST /dev/handset/{network}/faults`: what goes wrong next, and how often. */
export const handsetFaultRequestSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("rate_limit"), retryAfterMs: delay.default(2000), times }),
  z.strictObject({ kind: z.literal("late_webhook"), delayMs: delay.default(10_000), times }),
  z.strictObject({ kind: z.enum(HANDSET_FAULTS).exclude(["rate_limit", "late_webhook"]), times }),
]);

/** What goes wrong next, as one asks for it. */
export type HandsetFaultRequest = z.input<typeof handsetFaultRequestSchema>;

/** A simulated network of a development server. */
export const handsetNetworkSchema = z.object({
  id: z.string().describe("The connector's id."),
  network: z.string(),
  displayName: z.string(),
  connection: z.string().describe("The connection that leads there."),
  business: z.string().describe("The product's own address there."),
  identity: z.object({
    label: z.string().describe("What persons are known by there, such as `a phone number`."),
    example: z.string(),
  }),
  abilities: z.object({
    media: z.boolean(),
    reply: z.boolean(),
    subject: z.boolean(),
    read: z.boolean(),
    react: z.boolean(),
    typing: z.boolean(),
    identity: z.boolean().describe("Whether a person can get another number or name."),
  }),
  faults: z.array(z.enum(HANDSET_FAULTS)).describe("What can go wrong there."),
});

/** A simulated network of a development server. */
export type HandsetNetwork = z.infer<typeof handsetNetworkSchema>;

/** Answer of `GET /dev/handset/networks`. */
export interface HandsetNetworks {
  /** Whether some are still on their way. */
  readonly isStarting: boolean;
  readonly networks: readonly HandsetNetwork[];
}

/** A message as the person at the other end has it. */
export interface HandsetMessageView {
  readonly id: string;
  /** `in` is from the product to the person. */
  readonly direction: "in" | "out";
  readonly text: string;
  /** `url` is a path of this server. */
  readonly media: readonly {
    readonly name: string;
    readonly mimeType: string;
    readonly url: string;
  }[];
  readonly subject?: string;
  readonly replyTo?: string;
  readonly at: number;
  readonly status: "sent" | "delivered" | "read" | "failed";
  readonly reaction?: string;
  readonly isEdited: boolean;
  readonly isDeleted: boolean;
}

/** Answer of `GET /dev/handset/{network}/persons`, the latest first. */
export interface HandsetPersons {
  readonly persons: readonly {
    readonly person: string;
    /** Messages that the person has not read; 0 where the network knows nothing of reading. */
    readonly unread: number;
    readonly last: HandsetMessageView | null;
  }[];
}

/** Answer of `GET /dev/handset/{network}/messages`: a person's newest messages, oldest first. */
export interface HandsetMessages {
  readonly messages: readonly HandsetMessageView[];
}

/** Body of `POST /dev/handset/{network}/messages`. */
export const handsetDraftRequestSchema = z.strictObject({
  person: handsetPersonSchema,
  text: z.string().max(100_000).default(""),
  media: z
    .strictObject({
      name: z.string().min(1).max(256),
      mimeType: z.string().regex(/^[\w.+-]+\/[\w.+-]+$/, "must be a media type, such as image/png"),
      base64: z.base64().min(1),
    })
    .optional(),
  subject: z.string().max(998).optional(),
  replyTo: messageId.optional(),
});

/** What a person at the other end writes. */
export type HandsetDraftRequest = z.input<typeof handsetDraftRequestSchema>;

/** Body of `POST /dev/handset/{network}/read` and `…/typing`. */
export const handsetPersonRequestSchema = z.strictObject({ person: handsetPersonSchema });

/** Body of `POST /dev/handset/{network}/react`; null takes the mark off. */
export const handsetReactRequestSchema = z.strictObject({
  person: handsetPersonSchema,
  message: messageId,
  emoji: emoji.nullable(),
});

/** Body of `POST /dev/handset/{network}/identity`. */
export const handsetIdentityRequestSchema = z.strictObject({
  person: handsetPersonSchema,
  to: handsetPersonSchema,
});

/** What `GET /dev/handset/events` tells: what to read again. */
export type HandsetEvent =
  /** A person's messages on a network. */
  | { readonly type: "person"; readonly network: string; readonly person: string }
  /** Which networks there are; or so much that all is to be read again. */
  | { readonly type: "networks" };
