import type { ConsumerOptions, DeadLetter } from "@anywire/core";

/** A channel that a consumer works off from the log by itself, apart from the others. */
export interface ParkedChannel {
  readonly channel: string;
  /** Offset of its first entry that is not done. */
  readonly from: number;
  /** Failed attempts at that entry. */
  readonly attempts: number;
  /** When to go on, milliseconds since the Unix epoch. */
  readonly dueAt: number;
}

/** What outlives the process of a consumer, dead letters apart. */
export interface ConsumerState {
  readonly position: number;
  readonly parked: readonly ParkedChannel[];
}

/** An entry that was given up. */
export interface GivenUp {
  readonly offset: number;
  readonly attempts: number;
  readonly error: string;
  readonly at: number;
}

/** All that is kept of a consumer, to be copied from one store to another. */
export interface ConsumerSnapshot {
  readonly position: number;
  /** In the order of their names. */
  readonly parked: readonly ParkedChannel[];
  /** Dead letters, oldest offset first. */
  readonly givenUp: readonly GivenUp[];
}

/** What changed since the last save. */
export interface ConsumerChanges {
  readonly position: number;
  readonly parked: readonly ParkedChannel[];
  /** Channels that are parked no more. */
  readonly unparked: readonly string[];
  readonly givenUp: readonly GivenUp[];
  /** Offsets of dead letters that were replayed. */
  readonly revived: readonly number[];
}

/** Where a consumer of a new name begins. */
export type ConsumerStart = NonNullable<ConsumerOptions["startAt"]>;

/** Where a driver keeps its consumers. Of several nodes with one consumer, the holder that has it works. */
export interface ConsumerStore {
  /** Creates the consumer unless it exists, in front of the first entry, behind the last, or behind an offset. */
  open(name: string, startAt: ConsumerStart): Promise<void>;
  /**
   * Takes or renews the lease of a holder for `leaseMs`, and with it those of the consumers that no other holder has. Once
   * the lease of another has run out, that ends it, and what it has is free. Resolves with those of the names that the
   * holder has now, not all that are free when they are too many for the time; null when another has ended its lease: then
   * nothing is its own any more, and it cannot be renewed.
   */
  lease(
    holder: string,
    names: readonly string[],
    leaseMs: number,
  ): Promise<readonly string[] | null>;
  /** Gives one consumer back, if the holder has it. */
  release(holder: string, name: string): Promise<void>;
  /** Ends the lease of a holder: whatever it has is free. */
  end(holder: string): Promise<void>;
  load(name: string): Promise<ConsumerState>;
  /** Stores all changes or none. False, and none, when the holder has lost the lease to another. */
  save(holder: string, name: string, changes: ConsumerChanges): Promise<boolean>;
  position(name: string): Promise<number>;
  /** Dead letters, oldest offset first, with an offset larger than `after`. */
  deadLetters(name: string, after: number, limit: number): Promise<readonly DeadLetter[]>;
}
