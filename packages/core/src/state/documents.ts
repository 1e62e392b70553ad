import type {
  Account,
  Connection,
  Contact,
  Delivery,
  Device,
  HistoryChoice,
  LastMessage,
  Message,
  MessageDelivery,
  Meta,
  Role,
} from "@anywire/types";

/** A channel that was opened. */
export interface ChannelDocument {
  readonly channel: string;
  readonly type: string;
  readonly title: string | null;
  readonly avatarUrl: string | null;
  readonly connection: string | null;
  readonly history: HistoryChoice;
  readonly meta: Meta;
  /** Whether its participants are what it is known by, and never change. */
  readonly isFixed: boolean;
  readonly archived: boolean;
  readonly createdAt: number;
  /** Addresses of at most 20 participants. */
  readonly participants: readonly string[];
  readonly participantCount: number;
  readonly ownerCount: number;
  /** How many messages were ever sent: the ordinal of the last one. */
  readonly messages: number;
  /** How many of them were deleted for everyone. */
  readonly deletions: number;
  readonly lastMessage: LastMessage | null;
  /** Of the last message, or of the opening. */
  readonly activityOffset: number;
  readonly activityAt: number;
  /** Of the last entry that changed this document. */
  readonly changedOffset: number;
  /** Ids of pinned messages, the latest pin last. */
  readonly pins: readonly string[];
}

/** Who takes, or took, part in a channel: what the others may know. */
export interface ParticipantDocument {
  readonly address: string;
  readonly role: Role;
  readonly joinedOffset: number;
  readonly joinedAt: number;
  /** Null while it takes part. */
  readonly leftOffset: number | null;
  readonly readOffset: number;
  readonly deliveredOffset: number;
}

/** A channel on the side of one of its accounts: what concerns that account alone. */
export interface MembershipDocument {
  readonly channel: string;
  readonly role: Role;
  readonly joinedOffset: number;
  /** What was said up to here is from before its time and not for it to see. */
  readonly visibleAfter: number;
  /** Null while it takes part. */
  readonly leftOffset: number | null;
  readonly readOffset: number;
  /** The ordinal of the last message it has read: what comes after is unread. */
  readonly readOrdinal: number;
  readonly mutedUntil: number | null;
  /** Hidden as long as no message has a larger ordinal; null for not hidden. */
  readonly hiddenOrdinal: number | null;
}

/** What became of a message. */
export interface MessageDocument {
  readonly id: string;
  readonly offset: number;
  /** 1 for the first message of its channel. */
  readonly ordinal: number;
  readonly sender: string;
  readonly at: number;
  readonly thread: string | null;
  /** Offsets of its edits. */
  readonly edits: readonly number[];
  readonly editedAt: number | null;
  /** What it says since the last edit; null while the log's entry says it. */
  readonly edited: Message | null;
  readonly deleted: boolean;
  readonly pinned: boolean;
  /** Messages in its thread. */
  readonly replies: number;
  readonly reactions: readonly ReactionCount[];
  /** The first 20 of its deliveries; absent while there are none. */
  readonly deliveries?: readonly MessageDelivery[];
}

/** Those who reacted to a message with one mark. */
export interface ReactionCount {
  readonly emoji: string;
  readonly count: number;
  /** At most 20 of them. */
  readonly accounts: readonly string[];
}

/** The message at an offset of a channel. */
export interface OrdinalDocument {
  readonly id: string;
  readonly ordinal: number;
}

/** An account. */
export type AccountDocument = Account;

/** A device of an account. */
export type DeviceDocument = Device;

/** A contact. */
export type ContactDocument = Contact;

/** One message on its way to one address through one connection. */
export interface DeliveryDocument extends Delivery {
  /** Offset of the message it is about. */
  readonly messageOffset: number;
  /** The entry that asked for the action, when it is not the message itself. */
  readonly cause: string | null;
  /** Sent over this connection instead, when it is not delivered by then; null when not, or once it was. */
  readonly fallback: { readonly connection: string; readonly at: number } | null;
  /** Of a message that only tries a connection out. */
  readonly isTest?: true;
  /** The delivery that stands in for it, once one does: it is not tried again by itself then. */
  readonly standIn?: string;
  /** Whether it waits for its turn, or for an answer that can still be asked for: listed under {@link openDeliveryKey}. */
  readonly isOpen: boolean;
  /** Offsets of its steps, at most the first 100. */
  readonly steps: readonly number[];
}

/** Where a delivery is. */
export interface DeliveryPlace {
  readonly channel: string;
  readonly id: string;
}

/** What a network's id stands for: a message of a channel, and the delivery it came to be by, when it went out. */
export interface ExternalDocument {
  readonly channel: string;
  readonly message: string;
  readonly delivery: string | null;
}

/** Where a message came in, and what it is called there: what an answer or a mark on it has to name. */
export interface OriginDocument {
  readonly connection: string;
  readonly externalId: string;
}

/** What was last said between a contact and one connection. */
export interface ExchangeDocument {
  /**
   * The channel of the latest message out; while there is none of the first one in, or of the latest that was tried in vain. What only
   * tried the connection out counts where there is nothing else.
   */
  readonly channel: string;
  readonly outboundAt: number | null;
  readonly inboundAt: number | null;
}

/** Whether the person behind an address wants to be written to. */
export interface ConsentDocument {
  readonly state: "in" | "out";
  readonly source: "keyword" | "network" | "operator";
  readonly reason: string;
  readonly at: number;
}

/** One configured instance of a connector. */
export interface ConnectionDocument extends Omit<Connection, "webhookUrl"> {
  readonly platform: string;
}

/** Something that came in and could not be handled. */
export interface InboundProblemDocument {
  readonly offset: number;
  readonly at: number;
  readonly code: string;
  readonly reason: string;
}
