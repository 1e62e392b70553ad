/** What is kept under a key. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
  /** Changes with every write, and grows; never 0. */
  readonly revision: number;
}

/** How to write. */
export interface KeyValueWrite {
  /** Gone after this many ms, 1 to 31,536,000,000. Default: never. */
  readonly ttlMs?: number;
  /** Writes only when the key is at this revision; `0`: only when there is none. Default: whatever is there. */
  readonly revision?: number;
}

/** Keys to list. */
export interface KeyValueQuery {
  /** Only keys that begin with it. */
  readonly prefix: string;
  /** Only keys that are larger, as UTF-8. */
  readonly after?: string;
  /** At most this many, 1 to 1,000. */
  readonly limit: number;
}

/** Keys in their order as UTF-8. */
export interface KeyValuePage {
  readonly items: readonly KeyValue[];
  /** Whether there were more. */
  readonly hasMore: boolean;
}

/** What a driver can do. Known before `start`, and never changes. */
export interface KeyValueCapabilities {
  /** What is kept outlives the process. */
  readonly isDurable: boolean;
}

/**
 * Small values that all nodes share: what functions remember, leases, who has done what already. Not for messages.
 *
 * Every driver MUST keep these rules; each is a test in `describeKeyValueStore`:
 * - A write is there for every read on every node that is started after the write resolved.
 * - A write with `revision` succeeds only when nothing was written or deleted since that revision was read; of several at
 *   once one succeeds, and the others reject with `conflict`. What rejects with `unavailable` may have happened all the
 *   same: whoever must know reads again.
 * - `add` loses no addition, however many nodes add at once.
 * - What has a `ttlMs` is there until then, counted from the call, and gone a second later at the latest, as if it had been
 *   deleted; a write without one takes it off. The backend's clock judges, not that of a node.
 * - Keys are 1 to 512 characters, of any kind but lone surrogates and `\0`: others reject with `bad_request`. Values are text
 *   without lone surrogates (`bad_request`) of at most 65,536 characters (`too_large`). `bad_request` is also for a number out
 *   of its range.
 * - Before `start` and after `close`, every call rejects with `unavailable`.
 */
export interface KeyValueStore {
  readonly capabilities: KeyValueCapabilities;
  /** Called once, before any other method. */
  start(): Promise<void>;
  /** What is kept under a key, if anything. */
  get(key: string): Promise<KeyValue | undefined>;
  /**
   * Keeps a value, and resolves with its revision.
   * @throws {AnywireError} `conflict` when the key is not at the revision that was asked for.
   */
  set(key: string, value: string, write?: KeyValueWrite): Promise<number>;
  /**
   * Takes a key away; a no-op when there is none, unless a revision is asked for.
   * @throws {AnywireError} `conflict` when the key is not at that revision.
   */
  delete(key: string, revision?: number): Promise<void>;
  /** Keys with a prefix. */
  list(query: KeyValueQuery): Promise<KeyValuePage>;
  /**
   * Adds to a whole number, 0 when there is none, and resolves with the sum. `ttlMs` counts from the first addition.
   * @throws {AnywireError} `bad_request` when what is kept, or the sum, is no safe integer.
   */
  add(key: string, delta: number, write?: Pick<KeyValueWrite, "ttlMs">): Promise<number>;
  /** A second call is a no-op. */
  close(): Promise<void>;
}
