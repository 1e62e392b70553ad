/** A message as the person at the other end has it. */
export interface HandsetMessage {
  /** What the network calls it. */
  readonly id: string;
  /** The person, as the network knows them: a phone number, a mailbox, a handle. */
  readonly person: string;
  /** From the product to the person, or from the person to the product. */
  readonly direction: "in" | "out";
  /** The product's own address in this conversation. */
  readonly business: string;
  readonly text: string;
  readonly media: readonly {
    readonly name: string;
    readonly mimeType: string;
    readonly url: string;
  }[];
  /** Of an email. */
  readonly subject?: string;
  readonly replyTo?: string;
  readonly at: number;
  readonly status: "sent" | "delivered" | "read" | "failed";
  readonly reaction?: string;
  readonly isEdited: boolean;
  readonly isDeleted: boolean;
}

/** What a person writes at the other end. */
export interface HandsetDraft {
  readonly text: string;
  readonly media?: { readonly name: string; readonly mimeType: string; readonly bytes: Uint8Array };
  /** Of an email that begins a thread. */
  readonly subject?: string;
  /** The id of the message that it answers. */
  readonly replyTo?: string;
}

/** What a person at the other end can do. What a network has not is absent. */
export interface Handset {
  /**
   * What persons are known by there, such as `a phone number`; and one to begin with. The same person has the same address in
   * every simulator of a network: one that is made up, such as an id behind a number, is made from what the person is known by.
   */
  readonly identity: { readonly label: string; readonly example: string };
  /** The product's own address there. */
  readonly business: string;
  /** All persons who wrote or were written to, the latest first. */
  persons(): readonly string[];
  /** A person's messages, oldest first. */
  messages(person: string): readonly HandsetMessage[];
  /** Resolves when the network has it; its webhook is on its way then. @throws {Error} when the person can't be one */
  write(person: string, draft: HandsetDraft): Promise<HandsetMessage>;
  /** The person looks at the conversation: what came in is read now, where the network has read receipts. */
  read?(person: string): Promise<void>;
  /** The person puts a mark on a message, or with null takes it off. */
  react?(person: string, messageId: string, emoji: string | null): Promise<void>;
  /** The person is writing. */
  typing?(person: string): Promise<void>;
  /** The person gets another number or name. */
  changeIdentity?(person: string, to: string): Promise<void>;
  /** Hears of every change. Returns what ends it. */
  onChange(listener: (person: string) => void): () => void;
}

/** Something that goes wrong in the network. Each counts down with each request or webhook it strikes. */
export type Fault =
  /** The next sends are answered 429, with how long to wait; with `asDate`, a header `Retry-After` names the moment instead. */
  | {
      readonly kind: "rate_limit";
      readonly retryAfterMs: number;
      readonly times: number;
      readonly asDate?: boolean;
    }
  /** The next sends are answered 500. Nothing is taken. */
  | { readonly kind: "server_error"; readonly times: number }
  /** The next sends are taken, and no answer comes until the caller gives up. */
  | { readonly kind: "accept_then_hang"; readonly times: number }
  /** The next sends are taken, and the connection breaks off in the middle of the answer. */
  | { readonly kind: "accept_then_close"; readonly times: number }
  /** The next sends are answered with a page of HTML, status 200. Nothing is taken. */
  | { readonly kind: "html"; readonly times: number }
  /** The next messages are accepted and fail later. */
  | { readonly kind: "fail_later"; readonly times: number }
  /** The next webhooks are never made. */
  | { readonly kind: "drop_webhook"; readonly times: number }
  /** The next webhooks are made twice. */
  | { readonly kind: "duplicate_webhook"; readonly times: number }
  /** The next webhooks come in the wrong order: each after the one behind it. */
  | { readonly kind: "reorder_webhook"; readonly times: number }
  /** The next webhooks come so much later. */
  | { readonly kind: "late_webhook"; readonly delayMs: number; readonly times: number };

/** A fake of a network: it speaks the wire format on loopback, signs its webhooks, answers with statuses, and fails on demand. */
export interface Simulator {
  /** What a connection needs to talk to it. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly handset: Handset;
  /** How many messages the network has taken: each one that a person would see, so two for a duplicate. */
  readonly accepted: number;
  /** The kinds of faults that it has: what a person is offered. */
  readonly faults: readonly Fault["kind"][];
  /** Has something go wrong from now on, as often as it says; one that it has not never strikes. */
  inject(fault: Fault): void;
  /** Resolves when every webhook that is due was made and answered. */
  idle(): Promise<void>;
  /** Ends it; webhooks that are due are not made any more. */
  close(): Promise<void>;
}

/** Where a simulator calls. */
export interface SimulatorOptions {
  /** The URL of the connection's webhooks. */
  readonly webhookUrl: string;
  /** How long after a message each of its receipts comes, ms. Default 0. */
  readonly receiptDelayMs?: number;
  /** Whether persons read at once what they get, where the network has read receipts. Default false. */
  readonly readsAtOnce?: boolean;
}

/** Starts a simulator on a free port of the loopback interface. */
export type CreateSimulator = (options: SimulatorOptions) => Promise<Simulator>;
