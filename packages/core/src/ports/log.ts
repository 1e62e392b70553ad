import type { EntryKind, EntryTrace } from "@anywire/types";
import type { Listening } from "./listening.ts";

/** An entry on its way into the log. */
export interface EntryDraft {
  /** A valid channel name. */
  readonly channel: string;
  /** Unique within the channel; the same id again is the same entry. */
  readonly id: string;
  readonly kind: EntryKind;
  /** Address of who sent it, such as `account:bob`. */
  readonly sender: string;
  /** Id of the connection it came through, when it came through one. */
  readonly client?: string;
  /** The entry's data as JSON text: fan-out and storage never look inside. */
  readonly dataJson: string;
  /** What led to it; absent when it began by itself. */
  readonly trace?: EntryTrace;
}

/** An entry as the log stored it. */
export interface LogEntry extends EntryDraft {
  /** Place in the log, from 1; grows within a channel, not necessarily by one. */
  readonly offset: number;
  /** Offset of the channel's entry before this one, `0` when it is the first: makes a gap provable. */
  readonly previousOffset: number;
  /** When it was stored, milliseconds since the Unix epoch; never falls within a channel. */
  readonly at: number;
  /** 17 digits, 100 ns since the Unix epoch; unique and growing within a channel. */
  readonly timetoken: string;
}

/** What became of an append. */
export interface Appended {
  /** The stored entry: the earlier one when `isNew` is false. */
  readonly entry: LogEntry;
  /** False when the channel already had an entry of that id; nothing was stored then. */
  readonly isNew: boolean;
}

/** Which entries to read. */
export interface LogQuery {
  /** A channel name or a channel pattern. */
  readonly pattern: string;
  /** Only entries with a larger offset. Default: from the first. */
  readonly after?: number;
  /** Only entries with a smaller offset. Default: to the last. */
  readonly before?: number;
  /** At most this many entries, 1 to 10,000. */
  readonly limit: number;
  /**
   * The page ends before the entry with which its data would be longer than this, characters of JSON
   * together; the first entry is always given. Default: no bound.
   */
  readonly maxLength?: number;
  /** Leaves out the channels of quiet types, unless the pattern names their type. Default false. */
  readonly withoutQuiet?: boolean;
  /** `asc`: oldest first, from `after` on. `desc`: newest first, from `before` on. */
  readonly order: "asc" | "desc";
}

/** Entries in the order asked for. */
export interface LogPage {
  readonly entries: readonly LogEntry[];
  /** Whether more entries matched than `limit` and `maxLength` let through, when the page was read. */
  readonly hasMore: boolean;
}

/** How a durable consumer works through the log. */
export interface ConsumerOptions {
  /** Names the consumer and its stored position: `[A-Za-z0-9_-]{1,64}`. */
  readonly name: string;
  /** A channel name or a channel pattern. */
  readonly pattern: string;
  /** Where a consumer of a new name begins: before the first entry, behind the last one, behind an offset. Default `first`. */
  readonly startAt?: "first" | "head" | number;
  /** Channels handled at the same time. Default 16. */
  readonly concurrency?: number;
  /** Attempts before an entry becomes a dead letter. Default 8. */
  readonly maxAttempts?: number;
  /** Wait before the second attempt, ms; doubles with each one. Default 200. */
  readonly minBackoffMs?: number;
  /** The longest wait between two attempts, ms. Default 60,000. */
  readonly maxBackoffMs?: number;
  /**
   * Told of an entry before its turn, also while one before it waits to be tried again: for who can begin with what does not
   * depend on that. When it is told of one, it was told of all before it in the channel, or these were handed over. Perhaps not
   * at all. Must not throw.
   * @returns false when there is no room for it: it is told of it, and of what comes after it, later
   */
  readonly foresee?: (entry: LogEntry) => boolean;
}

/** Handles one entry; `attempt` counts from 1. Rejecting means: try again later. */
export type EntryHandler = (entry: LogEntry, attempt: number) => Promise<void>;

/** An entry that its consumer gave up on. */
export interface DeadLetter {
  readonly entry: LogEntry;
  readonly attempts: number;
  /** Message of the last failure. */
  readonly error: string;
  /** When it was given up, milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A running durable consumer. */
export interface Consumer {
  readonly name: string;
  /** Every matching entry up to this offset is handled, a dead letter, or waiting for a retry of its channel. */
  position(): Promise<number>;
  /**
   * Entries that were taken from the log and are not done yet; a channel that waits for a retry counts as one. Null when
   * another node works the consumer.
   */
  lag(): Promise<number | null>;
  /** Dead letters, oldest offset first, with an offset larger than `after`; the same on every node. */
  deadLetters(after: number, limit: number): Promise<readonly DeadLetter[]>;
  /**
   * Handles a dead letter once more: gone when that succeeds, kept with one more attempt when it fails.
   * Returns whether it succeeded.
   * @throws {AnywireError} `not_found` when there is no dead letter at that offset, `unavailable` when
   * another node works the consumer: replay it there, so that nothing is handled on both.
   */
  replay(offset: number): Promise<boolean>;
  /**
   * Stops; resolves once running handlers are done and the position is stored. A handler that fails meanwhile has made no
   * attempt. A second call is a no-op.
   * When the position cannot be stored it rejects with what the log throws, stopped all the same.
   */
  close(): Promise<void>;
}

/** What a driver can do. Known before `start`, and never changes. */
export interface LogCapabilities {
  /** Entries outlive the process. */
  readonly isDurable: boolean;
}

/**
 * The only source of truth: an ordered, durable log of entries in channels.
 *
 * Every driver MUST keep these rules; each is a test in `describeLog`:
 * - Offsets are whole numbers from 1. They grow in the order of storing, over all channels of a platform.
 * - `append` resolves only when the entry is durable as configured, and is atomic: after any crash the
 *   entry is there whole or not at all.
 * - Appending an id that the channel already has stores nothing and resolves with the stored entry, also
 *   when the two appends run at the same time or on two nodes.
 * - `previousOffset` names the channel's entry before it; `at` never falls and `timetoken` grows within a
 *   channel, even when the clock is set back.
 * - A read started after an append resolved sees its entry, on every node.
 * - `tail` delivers each new entry of a channel that is followed once, in the order of offsets, on every node, whoever
 *   appended it; on the appending node no later than `append` resolves. What a broken connection kept from it, it
 *   reads and delivers before it goes on.
 * - A consumer handles each matching entry at least once; entries of one channel one at a time in order;
 *   channels beside each other. A failing entry holds back its own channel only, is tried again after a
 *   growing wait, and becomes a dead letter after `maxAttempts`; then its channel goes on. Position,
 *   attempts and dead letters outlive the process. Of two nodes with one name, one handles each entry, and an entry is
 *   never handled on both at the same time.
 * - `start` creates or migrates what is stored, or refuses with a clear error when it was written by a newer
 *   version. After `close`, every call rejects with `unavailable`.
 */
export interface Log {
  readonly capabilities: LogCapabilities;
  /** Identity of the log; offsets mean nothing in another. Known once `start` has resolved. */
  readonly epoch: string;
  /**
   * Called once, before any other method.
   * @throws {AnywireError} `unavailable` when the storage is locked or out of reach, `storage_damaged`.
   */
  start(): Promise<void>;
  /**
   * Stores an entry.
   * @throws {AnywireError} `storage_full` when nothing can be stored for now.
   */
  append(draft: EntryDraft): Promise<Appended>;
  /**
   * Reads stored entries.
   * @throws {AnywireError} `bad_request` when the pattern or the limit is none, `storage_damaged`.
   */
  read(query: LogQuery): Promise<LogPage>;
  /** Offset of the last entry of a channel, or, for a wildcard pattern, of the whole log; `0` for none. */
  head(pattern: string): Promise<number>;
  /**
   * Calls `deliver` with every new entry of what is followed. `deliver` must not throw. It may begin with entries
   * that another node stored a moment before.
   */
  tail(deliver: (entry: LogEntry) => void): Listening;
  /**
   * Starts a durable consumer, or takes it up where it stopped.
   * @throws {AnywireError} `bad_request` when the name or the pattern is none.
   */
  consume(options: ConsumerOptions, handle: EntryHandler): Promise<Consumer>;
  /**
   * Lets handlers finish what they are at (they may still append), finishes running appends, lets go of
   * everything. A second call is a no-op.
   */
  close(): Promise<void>;
}
