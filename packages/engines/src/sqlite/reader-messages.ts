import type { PatternTokens } from "@anywire/types";
import type { EntryRows } from "./entry-rows.ts";
import type { Failure } from "./storage-failure.ts";

/** What to read. */
export type ReadRequest =
  | {
      readonly type: "page";
      readonly tokens: PatternTokens;
      /** Only entries with an offset between these two. */
      readonly after: number;
      readonly before: number;
      readonly limit: number;
      readonly maxLength: number;
      readonly order: "asc" | "desc";
      readonly withoutQuiet: boolean;
    }
  | { readonly type: "head"; readonly tokens: PatternTokens }
  | { readonly type: "entries"; readonly offsets: readonly number[] };

/** What was read: a head has no rows, only `head`. */
export interface ReadResult {
  readonly rows: EntryRows;
  readonly hasMore: boolean;
  readonly head: number;
}

/** What to read of the state. */
export type StateReadRequest =
  | { readonly type: "statePosition" }
  /** Partition and sort of each item. */
  | { readonly type: "stateGet"; readonly addresses: readonly string[] }
  | {
      readonly type: "stateList";
      readonly partition: string;
      readonly prefix: string;
      readonly after: string | undefined;
      readonly before: string | undefined;
      readonly limit: number | undefined;
      readonly order: "asc" | "desc";
      readonly follow: string | null;
    }
  | {
      readonly type: "stateDump";
      readonly after: readonly [partition: string, sort: string] | null;
      readonly limit: number;
    };

/** What was read of the state; values are JSON, null for none. */
export interface StateReadResult {
  /** Of `stateGet` the values; of `stateList` sort, value and followed value of each item; of `stateDump` partition, sort and value. */
  readonly rows: readonly (string | null)[];
  readonly hasMore: boolean;
  /** Offset of the last entry that is in it. */
  readonly position: number;
}

/** What to read, and what the answer is known by. */
export interface NumberedRequest {
  readonly number: number;
  readonly request: ReadRequest | StateReadRequest;
}

/** To the reader thread: first to open the database, and at last, with `null`, to end. */
export type ReaderRequest = "open" | NumberedRequest | null;

/** From the reader thread: it is ready when it has opened the database, or says why it could not. */
export type ReaderReply =
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly failure: Failure }
  | {
      readonly type: "read";
      readonly number: number;
      readonly result: ReadResult | StateReadResult;
    }
  | { readonly type: "unread"; readonly number: number; readonly failure: Failure };
