import type { ErrorCode } from "@anywire/types";
import type { Listening } from "./listening.ts";
import type { LogEntry } from "./log.ts";

/** Where an item is kept: items of one partition lie together, sorted by `sort` as UTF-8. */
export interface StateAddress {
  /** 1 to 256 characters. */
  readonly partition: string;
  /** 1 to 512 characters. */
  readonly sort: string;
}

/** One item of the state. Nobody changes a value that was given or got: a change is a new value. */
export interface StateItem extends StateAddress {
  /** Any JSON value. */
  readonly value: unknown;
}

/** What an entry did to the state. */
export interface StateChange {
  readonly entry: LogEntry;
  /**
   * The items it wrote that are watched (see `isWatched`), with their new values. A node that heard of the entry from
   * another may give values that are newer.
   */
  readonly items: readonly StateItem[];
}

/** How fresh a read must be. */
export interface StateFreshness {
  /** Waits until the entry at this offset is in the state. Default: what was appended on this node is in it. */
  readonly atLeast?: number;
  /** Takes what is there, without waiting for what was appended on this node. Default false. */
  readonly mayTrail?: boolean;
}

/** Which items of a partition to list. */
export interface StateQuery extends StateFreshness {
  readonly partition: string;
  /** Only items whose `sort` begins with it. */
  readonly prefix: string;
  /** Only items whose `sort` is larger. */
  readonly after?: string;
  /** Only items whose `sort` is smaller. */
  readonly before?: string;
  /** At most this many, 1 to 10,000. Default: all. */
  readonly limit?: number;
  /** By `sort`. Default `asc`. */
  readonly order?: "asc" | "desc";
  /**
   * Gives with each item also the one of this `sort` in the partition that its own `sort` names behind the
   * prefix: with prefix `c:`, the item `c:x` brings item `follow` of partition `x`.
   */
  readonly follow?: string;
}

/** Items of one moment. */
export interface StatePage {
  readonly items: readonly StateItem[];
  /** With `follow`: the values that belong to the items, in their order; undefined where there is none. */
  readonly followed: readonly unknown[];
  /** Whether more items matched than `limit` let through. */
  readonly hasMore: boolean;
  /** Offset of the last entry that was in the state at that moment. */
  readonly position: number;
}

/** Values of one moment. */
export interface StateValues {
  /** In the order of the addresses; undefined where there is none. */
  readonly values: readonly unknown[];
  readonly position: number;
}

/** Somebody who watches the state. */
export interface StateWatcher {
  /** Hears of every change of what is followed. Must not throw. */
  onChange(change: StateChange): void;
  /**
   * Changes may have been lost on the way: what was learned by them has to be read anew. Nothing that came after a lost
   * change has been told yet. Must not throw.
   */
  onMissed?(): void;
}

/** How far a rebuild has come, and how far it has to go. */
export interface RebuildProgress {
  /** Entries that were folded. */
  readonly entries: number;
  /** Offset of the last of them, and of the log's last entry. */
  readonly offset: number;
  readonly head: number;
}

/** Why the fold refused an entry. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

/** What a driver can do. Known before `start`, and never changes. */
export interface StateStoreCapabilities {
  /** Every entry is in the state as soon as its append resolves; otherwise somebody has to `project` the log. */
  readonly isWrittenWithLog: boolean;
}

/**
 * What follows from the log: channels, participants, read marks, accounts. A projection that can be dropped
 * and made again; `foldEntry` says what each entry does to it.
 *
 * Every driver MUST keep these rules; each is a test in `describeStateStore`:
 * - An entry is folded once, in the order of offsets, whole or not at all, whatever crashes. Folding entries
 *   up to the position again changes nothing.
 * - With `isWrittenWithLog`, an entry that the fold refuses is not stored: its append rejects with the refusal, and
 *   others of the same commit are not touched. Otherwise it stays in the log and changes nothing. Several nodes may
 *   project at the same time, also one that was thought dead: the state is the same.
 * - `get` and `list` answer from one moment, in which every entry up to `position` is folded and none after it. What
 *   was appended on this node before, or is asked for by `atLeast`, is in it.
 * - `watch` tells of each entry that changed something on a followed channel, or for the account of a followed notification
 *   channel, once on every node, in the order of offsets, or says that some may have been lost. With `isWrittenWithLog` it
 *   tells on the node that appended the entry no later than the log's tail does.
 * - `dump` gives all items by partition and sort. After `rebuild` it gives the same, byte for byte.
 * - After `close`, every call rejects with `unavailable`.
 */
export interface StateStore {
  readonly capabilities: StateStoreCapabilities;
  /** Called once, after the log's, before any other method. */
  start(): Promise<void>;
  /** The items at these addresses. */
  get(addresses: readonly StateAddress[], freshness?: StateFreshness): Promise<StateValues>;
  /** Items of a partition. */
  list(query: StateQuery): Promise<StatePage>;
  /**
   * Offset of the last entry that is in the state.
   * @throws {AnywireError} `storage_damaged` when the log does not have that entry: it has lost its end, or is another one.
   */
  position(): Promise<number>;
  /**
   * Folds entries of the log that come after the position, in order; those up to it are skipped.
   * Nodes may do so at the same time or by turns; each begins after the position that it was told last.
   * @throws {AnywireError} `unsupported` with `isWrittenWithLog`.
   */
  project(entries: readonly LogEntry[]): Promise<void>;
  /** Tells a watcher of every change of what it follows. */
  watch(watcher: StateWatcher): Listening;
  /** At most `limit` items after an address, by partition and sort; from the first without one. */
  dump(after: StateAddress | undefined, limit: number): Promise<readonly StateItem[]>;
  /**
   * Makes the state again from the log, beside the present one, and puts it in its place when it has come
   * as far. Reading and appending go on meanwhile. Resolves with the last progress.
   */
  rebuild(onProgress?: (progress: RebuildProgress) => void): Promise<RebuildProgress>;
  /** A second call is a no-op. */
  close(): Promise<void>;
}

/**
 * A state that comes along after the log, and so refuses entries that are in it already.
 *
 * It MUST keep this rule, a test in `describeStateStore`: `refusalOf` waits until the entry at that offset was folded and every
 * watcher on this node was told of what it changed; it resolves with why it was refused, for at least a minute after that, and
 * with undefined for an entry that was not.
 */
export interface LateStateStore extends StateStore {
  /** @throws {AnywireError} `unavailable` when the state does not come that far in time. */
  refusalOf(offset: number): Promise<Refusal | undefined>;
}

/** Whether a state comes along after the log. */
export function isLate(state: StateStore): state is LateStateStore {
  return "refusalOf" in state;
}
