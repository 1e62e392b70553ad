import type { ConsumerTables } from "./consumer-tables.ts";
import type { EntryRows } from "./entry-rows.ts";
import type { DatabaseOptions } from "./open-database.ts";
import type { Failure } from "./storage-failure.ts";

/** What the writer thread is started with. */
export interface WriterSettings extends DatabaseOptions {
  /** False commits every draft and call by itself. */
  readonly groupCommit: boolean;
  /** How often to look for entries of other processes, ms. */
  readonly pollMs: number;
}

/** The name of a step on the consumers' tables. */
export type ConsumerMethod = keyof ConsumerTables;
/** What a step takes. */
export type ConsumerArgs<M extends ConsumerMethod> = Parameters<ConsumerTables[M]>;
/** What a step gives. */
export type ConsumerValue<M extends ConsumerMethod> = ReturnType<ConsumerTables[M]>;

/** A step on the consumers' tables. */
export interface ConsumerCall {
  readonly method: ConsumerMethod;
  readonly args: readonly unknown[];
}

/** What became of a call. */
export type CallResult =
  | { readonly isDone: true; readonly value: unknown }
  | { readonly isDone: false; readonly failure: Failure };

/** To the writer thread: everything that waits, for one commit. `null` asks it to end. */
export type WriterRequest = {
  /** `DRAFT_FIELDS` values each. */
  readonly drafts: EntryRows;
  readonly calls: readonly ConsumerCall[];
  /** The time of the drafts, milliseconds since the Unix epoch. */
  readonly now: number;
} | null;

/** Values of one draft in `WriterReply.stamps`: offset, previous offset, at, tick. */
export const STAMP_FIELDS = 4;

/** Values of one item in the changes of a reply: index of the entry, partition, sort, value. */
export const CHANGE_FIELDS = 4;

/**
 * The watched items that entries wrote, `CHANGE_FIELDS` values each, in the order of the entries; an entry that wrote
 * only others has one with empty texts.
 */
export type ChangeRows = readonly (string | number)[];

/** From the writer thread, in the order of the log. */
export type WriterReply =
  | { readonly type: "ready"; readonly epoch: string }
  | { readonly type: "failed"; readonly failure: Failure }
  /** Entries that another process appended. */
  | { readonly type: "foreign"; readonly rows: EntryRows; readonly changes: ChangeRows }
  /** The outcome of the request's next drafts and calls. */
  | {
      readonly type: "written";
      /** Of each draft; an offset of `0` when it failed, of `-1` when its id was stored before. */
      readonly stamps: Float64Array<ArrayBuffer>;
      /** The entries stored before, in the order of their drafts. */
      readonly known: EntryRows;
      /** Why drafts failed, in their order. */
      readonly failures: readonly Failure[];
      readonly results: readonly CallResult[];
      /** What the new entries did to the state; the index is that of the draft in this reply. */
      readonly changes: ChangeRows;
      /** Whether that was all of the request. */
      readonly isLast: boolean;
    };
