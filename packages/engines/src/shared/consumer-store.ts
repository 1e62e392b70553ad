import type { DeadLetter } from "@anywire/core";

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

/** Where a driver keeps its consumers. Of several nodes with one consumer, the holder of its lease works. */
export interface ConsumerStore {
  /** Creates the consumer unless it exists, in front of the first entry or behind the last. */
  open(name: string, startAt: "first" | "head"): Promise<void>;
  /** Takes or renews the lease for `leaseMs`. False while another holder has it. */
  lease(name: string, holder: string, leaseMs: number): Promise<boolean>;
  /** Gives the lease back, if it is the holder's. */
  release(name: string, holder: string): Promise<void>;
  load(name: string): Promise<ConsumerState>;
  /** Stores all changes or none. False, and none, when the holder has lost the lease to another. */
  save(name: string, holder: string, changes: ConsumerChanges): Promise<boolean>;
  position(name: string): Promise<number>;
  /** Dead letters, oldest offset first, with an offset larger than `after`. */
  deadLetters(name: string, after: number, limit: number): Promise<readonly DeadLetter[]>;
}
