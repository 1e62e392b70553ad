import type { DeliveryError, Price } from "@anywire/types";

/** Media that a network holds for us. */
export interface MediaReference {
  readonly kind: "image" | "audio" | "video" | "file";
  /** What `fetchMedia` needs to find it: a URL or an id, never a secret. */
  readonly ref: string;
  readonly name?: string;
  readonly mimeType?: string;
  readonly sizeBytes?: number;
  /** The bytes themselves, where the request brought them along, as an email does: nothing is fetched then. Never stored. */
  readonly bytes?: Uint8Array;
}

/** Whoever wrote, as the network knows them. */
export interface InboundSender {
  /**
   * All names that the network gives for one person, such as `whatsapp:US.1349` and `whatsapp:+447700900123`, best first.
   * Not empty. They become addresses of one contact.
   */
  readonly addresses: readonly string[];
  /** The name that the person has there. */
  readonly name?: string;
}

interface Common {
  /** When, as the network says, ms since the Unix epoch. */
  readonly at: number;
}

/** Somebody wrote. */
export interface InboundMessage extends Common {
  readonly type: "message";
  /** What the network calls it: the same when it comes again. */
  readonly externalId: string;
  readonly sender: InboundSender;
  /**
   * Whether it is known to be from whom it says, on networks where anybody can write in another's name. With false a word that asks
   * for messages again is not believed; one that asks for none always is. Absent where the network vouches for its senders, or nobody looked.
   */
  readonly isSenderProven?: boolean;
  /** The product's own address that it was sent to. */
  readonly receiver?: string;
  readonly text?: string;
  readonly media?: readonly MediaReference[];
  readonly location?: {
    readonly latitude: number;
    readonly longitude: number;
    readonly label?: string;
  };
  /** What the network calls the message that it answers. */
  readonly replyTo?: string;
  /**
   * What the network calls messages of the same thread, nearest first: the first that is known decides the channel. An entry may
   * also be a token of ours, `channel:<platform.type.id>`, that came back.
   */
  readonly references?: readonly string[];
  /** Tells threads with the same person apart, such as an email's subject line. */
  readonly thread?: string;
  /** The title of a channel that has to be opened for it. */
  readonly title?: string;
  /** More that is kept in the message's `meta`. */
  readonly meta?: Readonly<Record<string, string | number | boolean>>;
}

/** Somebody changed what they wrote. */
export interface InboundEdit extends Common {
  readonly type: "edit";
  readonly externalId: string;
  /** What the network calls this change; default made of message, time and text. */
  readonly changeId?: string;
  readonly sender: InboundSender;
  readonly text: string;
}

/** Somebody took back what they wrote. */
export interface InboundDelete extends Common {
  readonly type: "delete";
  readonly externalId: string;
  readonly sender: InboundSender;
}

/** Somebody put a mark on a message, or took it off. */
export interface InboundReaction extends Common {
  readonly type: "reaction";
  /** Of the message that it is on. */
  readonly externalId: string;
  readonly sender: InboundSender;
  /** Empty with `remove` where the network does not say which: whatever this sender has on it. */
  readonly emoji: string;
  readonly action: "add" | "remove";
  /** With `add`: whether it takes the place of any other that this sender has on the message. */
  readonly replaces?: boolean;
}

/** How far a message of ours has come. Name it by the network's id, or by the delivery's id that was given along. */
export interface InboundReceipt extends Common {
  readonly type: "receipt";
  readonly externalId?: string;
  readonly deliveryId?: string;
  readonly status: "sent" | "delivered" | "read" | "failed";
  /** For `failed`. */
  readonly error?: DeliveryError;
  /** Whether nothing more shall go to this address. */
  readonly suppressAddress?: boolean;
  readonly price?: Price;
  readonly from?: string;
}

/** Somebody has read everything up to a time, where the network names no message. */
export interface InboundRead extends Common {
  readonly type: "read";
  readonly sender: InboundSender;
}

/** Somebody is writing. */
export interface InboundTyping extends Common {
  readonly type: "typing";
  readonly sender: InboundSender;
}

/** A person has another name there now: from now on `to`. */
export interface InboundIdentityChange extends Common {
  readonly type: "identity_changed";
  readonly from: string;
  readonly to: string;
}

/** The network says that somebody wants messages or wants none, beside what keywords say. */
export interface InboundConsent extends Common {
  readonly type: "consent";
  readonly sender: InboundSender;
  readonly state: "in" | "out";
  readonly reason: string;
}

/** Genuine, understood, and nothing that concerns a conversation; or of a kind that is not known yet. Kept as it came, counted. */
export interface InboundIgnored extends Common {
  readonly type: "ignored";
  readonly what: string;
}

/** One thing that a network told. */
export type InboundEvent =
  | InboundMessage
  | InboundEdit
  | InboundDelete
  | InboundReaction
  | InboundReceipt
  | InboundRead
  | InboundTyping
  | InboundIdentityChange
  | InboundConsent
  | InboundIgnored;
