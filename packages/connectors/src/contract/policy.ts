import type { Price } from "@anywire/types";

/** What a network's rules demand. The host keeps them before the network is called. */
export interface Policy {
  /** How long after the contact's last message one may write freely, ms; absent for always. */
  readonly replyWindowMs?: number;
  /** Whether outside of that window a template may be sent. */
  readonly templatesOutside?: boolean;
  /** Whether nothing may be sent before the contact said yes. */
  readonly consentRequired?: boolean;
  /** Whether a person must stand behind each message: what functions send is refused. */
  readonly humanActionRequired?: boolean;
  /** Whether one message may go to many. */
  readonly bulkAllowed: boolean;
  /** Words with which a contact asks for no more messages, for messages again, for help. Any case; the whole message. */
  readonly keywords?: {
    readonly out: readonly string[];
    readonly in: readonly string[];
    readonly help: readonly string[];
  };
  /** For a person, with the source. */
  readonly notes: string;
}

/** How fast a network lets messages leave. The host keeps it. */
export interface ConnectorLimit {
  readonly scope: "connection" | "sender" | "recipient" | "portfolio";
  /** How many in each `perMs`. */
  readonly rate: number;
  readonly perMs: number;
  /** How many at once after a rest. Default 1. */
  readonly burst?: number;
  readonly unit: "message" | "segment";
}

/** What a message will cost, before it is sent. */
export interface Estimate {
  /** Parts that are paid for and counted each. */
  readonly segments: number;
  readonly encoding?: string;
  /** The character that made the encoding the longer one. */
  readonly forcedBy?: string;
  readonly price?: { readonly min: Price; readonly max: Price };
}

/** The keywords that carriers and the CTIA demand. @see https://api.ctia.org/wp-content/uploads/2023/05/230523-CTIA-Messaging-Principles-and-Best-Practices-FINAL.pdf */
export const SMS_KEYWORDS: NonNullable<Policy["keywords"]> = {
  out: ["stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"],
  in: ["start", "unstop", "yes"],
  help: ["help", "info"],
};
