/**
 * How well a network can do something: `full`; `partial` with losses; `fallback` in another form, such as a link instead of a
 * picture; `dropped` is left out; `rejected`: a message that has it is not sent.
 */
export type Level = "rejected" | "dropped" | "fallback" | "partial" | "full";

/** What a network can do with media of one kind. */
export interface MediaCapability {
  readonly level: Level;
  /** Accepted media types, such as `image/jpeg` or `image/*`; absent for all. */
  readonly mimeTypes?: readonly string[];
  readonly maxBytes?: number;
  /** Whether the network fetches it from a URL that the public reaches. */
  readonly needsPublicUrl?: boolean;
}

/** What one connection can do. Absent means: it can't. */
export interface Capabilities {
  readonly text: {
    /** In UTF-16 code units. */
    readonly maxLength: number;
    /** Whether `*bold*` and the like are shown as such. */
    readonly formatting: Level;
  };
  readonly media?: Readonly<Partial<Record<"image" | "audio" | "video" | "file", MediaCapability>>>;
  /** The most media in one message. Default 1. */
  readonly maxMedia?: number;
  readonly location?: Level;
  readonly card?: Level;
  readonly template?: Level;
  readonly reply?: Level;
  /** Whether a message names those before it on its channel, as an email does; they are looked up only then. */
  readonly references?: boolean;
  readonly edit?: { readonly maxAgeMs?: number };
  readonly delete?: { readonly maxAgeMs?: number };
  readonly reactions?: "any" | readonly string[];
  /** Which receipts the network gives. */
  readonly receipts: {
    readonly sent: boolean;
    readonly delivered: boolean;
    readonly read: boolean;
    /** Whether it tells of a message that failed after it was taken. Default: where it tells `sent` or `delivered`. */
    readonly failed?: boolean;
  };
  readonly typing?: boolean;
  readonly markRead?: boolean;
  /** Whether a conversation can be begun from here, or only answered. */
  readonly canStart: boolean;
  /** What makes sending again safe: a key that the network honours, an id by which one can ask, or nothing. */
  readonly idempotency: "none" | "correlation" | "key";
}
