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
    }
  | { readonly type: "head"; readonly tokens: PatternTokens }
  | { readonly type: "entries"; readonly offsets: readonly number[] };

/** What was read: a head has no rows, only `head`. */
export interface ReadResult {
  readonly rows: EntryRows;
  readonly hasMore: boolean;
  readonly head: number;
}

/** To the reader thread; `null` asks it to end. */
export type ReaderRequest = { readonly number: number; readonly request: ReadRequest } | null;

/** From the reader thread: it is ready when it has opened the database, or says why it could not. */
export type ReaderReply =
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly failure: Failure }
  | { readonly type: "read"; readonly number: number; readonly result: ReadResult }
  | { readonly type: "unread"; readonly number: number; readonly failure: Failure };
