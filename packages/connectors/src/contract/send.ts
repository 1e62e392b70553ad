import type { DeliveryErrorClass, Message, MessagePart, Price } from "@anywire/types";

/** Bytes of an attachment. */
export interface MediaSource {
  readonly name: string;
  readonly mimeType: string;
  readonly sizeBytes: number;
  /** A URL that gives it to whoever has it; only as public as the server is. */
  readonly url: string;
  /** The bytes; each call begins anew. */
  open(): Promise<ReadableStream<Uint8Array>>;
}

/** A part with media, and where its bytes are: undefined for one that only has a URL somewhere else. */
export interface MediaPart {
  readonly part: Extract<MessagePart, { type: "image" | "audio" | "file" }>;
  readonly source: MediaSource | undefined;
}

/** What a message says, after the host has brought it down to what the network can show. */
export interface SendContent {
  /** May be empty where there are media or a template. */
  readonly text: string;
  readonly media: readonly MediaPart[];
  readonly location?: Extract<MessagePart, { type: "location" }>;
  readonly card?: Extract<MessagePart, { type: "card" }>;
  readonly template?: Extract<MessagePart, { type: "template" }>;
  /** As it was said. */
  readonly message: Message;
}

/** One message to one address. */
export interface SendJob {
  /** Unique, the same at every attempt: give it to the network as its idempotency key or correlation. At most 64 letters, digits, `_`, `-`. */
  readonly deliveryId: string;
  readonly messageId: string;
  /** The channel, and its title: what an email has as its subject. */
  readonly channel: string;
  readonly title: string | null;
  /** What the first message of a channel without a title said, where the connector keeps references. */
  readonly opening?: Message;
  /** Where it goes: a canonical address. */
  readonly to: string;
  /** The name under which the sender is known in the product. */
  readonly senderName: string | null;
  readonly content: SendContent;
  /** What the network calls the message that this one answers. */
  readonly replyTo?: string;
  /** What the network calls the messages before it on the channel, oldest first, at most 20. */
  readonly references: readonly string[];
  readonly kind: "conversational" | "bulk";
  /** 1 for the first. */
  readonly attempt: number;
  /** Aborts when the host has waited long enough: the outcome is `unknown` then, when the bytes may have left. */
  readonly signal: AbortSignal;
}

/** What the network knows it has taken. */
export interface Accepted {
  readonly outcome: "accepted";
  /** What the network calls it, one for each part; the first stands for the message. */
  readonly externalIds: readonly string[];
  /** The sender's own address that it shows, where the network chose one. */
  readonly from?: string;
  readonly segments?: number;
  readonly price?: Price;
}

/** It surely did not go out. */
export interface Rejected {
  readonly outcome: "rejected";
  readonly class: DeliveryErrorClass;
  /** The network's own code. */
  readonly code?: string;
  /** For a person: what was wrong and what to do. */
  readonly reason: string;
  /** When the network will listen again, ms from now; undefined where it does not say. */
  readonly retryAfterMs?: number | undefined;
  /** Whether nothing more shall go to this address: recorded as the contact's wish. */
  readonly suppressAddress?: boolean;
}

/** The bytes left and no answer came: it may have arrived. Never sent again blindly. */
export interface Unknown {
  readonly outcome: "unknown";
  readonly reason: string;
}

/** What became of a send. */
export type SendResult = Accepted | Rejected | Unknown;
