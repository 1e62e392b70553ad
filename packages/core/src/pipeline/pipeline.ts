import {
  AnywireError,
  accountAddress,
  createEntryId,
  type EntryKind,
  isEntryId,
  messageSchema,
} from "@anywire/types";
import type { Access } from "../access/access.ts";
import type { Principal } from "../access/principal.ts";
import type { Appended, EntryDraft, Log } from "../ports/log.ts";
import type { Presence } from "../ports/presence.ts";

/** Something to store on a channel. */
export interface PublishRequest {
  readonly channel: string;
  /** The sender's own id; made here when absent, and then sending again is sending twice. */
  readonly id?: string;
  readonly kind: EntryKind;
  /** JSON; for kind `message` a checked `Message`. */
  readonly data: unknown;
  /** The connection it came through. */
  readonly client?: string;
}

/** Something live to tell a channel. */
export interface SignalRequest {
  readonly channel: string;
  readonly client: string;
  /** What it is, such as `typing`. */
  readonly kind: string;
  readonly data: unknown;
}

/** Looks at an entry before it is stored: gives it back, changed or not, or throws to refuse it. */
export type BeforePublish = (draft: EntryDraft, principal: Principal) => Promise<EntryDraft> | EntryDraft;

/** What the pipeline needs. */
export interface PipelineOptions {
  readonly access: Access;
  readonly log: Log;
  readonly presence: Presence;
  /** The largest `data`, bytes of JSON in UTF-8. */
  readonly maxMessageBytes: number;
  /** The deepest nesting of arrays and objects in `data`. */
  readonly maxDepth: number;
  /** Run in order before each append. */
  readonly beforePublish?: readonly BeforePublish[];
}

/** The one way of everything that is written: authorise, before, append. The log's tail then fans it out. */
export interface Pipeline {
  /**
   * Stores an entry; resolves when it is durable.
   * @throws {AnywireError} `unknown_channel`, `permission_denied`, `too_large`, `bad_request`, and what the log throws.
   */
  publish(principal: Principal, request: PublishRequest): Promise<Appended>;
  /**
   * Tells a channel something live; nothing is stored.
   * @throws {AnywireError} `unknown_channel`, `permission_denied`, `too_large`.
   */
  signal(principal: Principal, request: SignalRequest): Promise<void>;
}
