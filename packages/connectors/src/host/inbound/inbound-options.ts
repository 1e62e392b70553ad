import type {
  BlobStore,
  KeyValueStore,
  Log,
  Operations,
  Pipeline,
  StateStore,
} from "@anywire/core";
import type { AnywireError, ConnectionHealth, MessagePart } from "@anywire/types";
import type { FetchedMedia } from "../../contract/abilities.ts";
import type { InboundEvent, MediaReference } from "../../contract/inbound-event.ts";
import type { WebhookAnswer, WebhookRequest } from "../../contract/webhook.ts";
import type { Connections } from "../connections/connections.ts";

/** What media are to become. */
export interface WantedMedia {
  readonly platform: string;
  /** The same for the same media, however often they come. Anybody can guess it, so it must not be the id of an attachment as it is. */
  readonly id: string;
  readonly kind: MediaReference["kind"];
  readonly name?: string;
  readonly mimeType?: string;
}

/**
 * Takes media in: checks what they are, keeps them, and gives the part of the message that shows them. The same id again is the
 * same part.
 * @throws {AnywireError} `unsupported_media_type`, `too_large`, `bad_request`: they will never be taken; any that may be retried
 */
export type StoreMedia = (media: FetchedMedia, wanted: WantedMedia) => Promise<MessagePart>;

/** How what comes in is handled; each has a default. */
export interface InboundSettings {
  /** The largest body of a webhook, bytes. */
  readonly maxBodyBytes: number;
  /** Larger bodies are kept in the blob store, bytes. */
  readonly inlineBytes: number;
  /** Attempts before something is recorded as a problem and passed over. */
  readonly maxAttempts: number;
  /** The same where what fails is not that alone: the state, the log or the connection can't be used for now. */
  readonly outageAttempts: number;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  /** How long something that is about a message which is not known waits for it, ms from when it came. */
  readonly unknownWaitMs: number;
  /** How long a connector may take to make something of a request, ms. */
  readonly parseTimeoutMs: number;
  /** How long fetching one of a message's media may take, ms. */
  readonly mediaTimeoutMs: number;
  /** Connections handled at the same time. */
  readonly concurrency: number;
  /** How long a node that listens may be silent before another takes over, ms. */
  readonly leaseMs: number;
  /** How often to look which connections there are to listen to, ms. */
  readonly watchMs: number;
  /** The wait before listening is begun again after a failure, ms; doubles with each one up to a minute. */
  readonly minPauseMs: number;
  /** Who listens for so long is well: longer than it takes to see that nobody answers, ms. */
  readonly goodRunMs: number;
}

/** The defaults of {@link InboundSettings}. */
export const INBOUND_DEFAULTS: InboundSettings = {
  maxBodyBytes: 25 * 1024 * 1024,
  inlineBytes: 128 * 1024,
  maxAttempts: 8,
  // More than an hour.
  outageAttempts: 400,
  minBackoffMs: 100,
  maxBackoffMs: 10_000,
  unknownWaitMs: 3_000,
  parseTimeoutMs: 20_000,
  mediaTimeoutMs: 30_000,
  concurrency: 16,
  leaseMs: 3_000,
  watchMs: 1_000,
  minPauseMs: 500,
  goodRunMs: 30_000,
};

/** What became of something that a network told. */
export type InboundOutcome = "done" | "duplicate" | "ignored" | "failed";

/** What handling what comes in needs. */
export interface InboundOptions {
  readonly log: Log;
  readonly state: StateStore;
  readonly kv: KeyValueStore;
  readonly blobs: BlobStore;
  readonly connections: Connections;
  readonly pipeline: Pipeline;
  readonly operations: Operations;
  readonly storeMedia: StoreMedia;
  readonly settings?: Partial<InboundSettings>;
  readonly onError: (error: AnywireError) => void;
  /** Told when what was wrong with a connection, and told of, is over. */
  readonly onRecovery?: (connection: string, words: string) => void;
  /** Told of everything that was handled; `forged` for a request that was none of the network's. For metrics. */
  readonly onEvent?: (event: {
    readonly connection: string;
    readonly type: InboundEvent["type"] | "webhook" | "forged";
    readonly outcome: InboundOutcome;
  }) => void;
  /** Milliseconds since the Unix epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/** What comes in from networks: stored before it is answered, handled once it is. */
export interface Inbound {
  /** The largest body that is taken, bytes. */
  readonly maxBodyBytes: number;
  /**
   * Answers a request to a connection's webhook URL: a challenge at once, anything else that is the network's once it is durable.
   * A connection that is not enabled takes in what comes, too: networks give up on a URL that refuses, and what people write is
   * not lost because nothing is sent.
   * @throws {AnywireError} `not_found` when there is no such connection; `unauthenticated` when it is not the network's, without
   * a word about why; `too_large`; `unavailable` and `storage_full` when it can't be stored now.
   */
  receive(connection: string, request: WebhookRequest): Promise<WebhookAnswer>;
  /** Starts to handle what was stored, on one node of all, and to listen for connections whose connectors do. */
  start(): Promise<void>;
  /**
   * Handles what came in at an offset once more; it is no problem any more when that succeeds.
   * @throws {AnywireError} `not_found` when nothing came in there, and what handling it throws.
   */
  replay(connection: string, offset: number): Promise<void>;
  /** What this node knows of a connection: how listening goes, and whether it was called by somebody who is not the network. */
  health(connection: string): ConnectionHealth | undefined;
  /** Ends once what is being handled is. A second call is a no-op. */
  close(): Promise<void>;
}
