import type { KeyValue, KeyValuePage } from "@anywire/core";
import type { Failure } from "./storage-failure.ts";

/** How the thread of a key-value store works. */
export interface KeyValueSettings {
  readonly file: string;
  readonly synchronous: "full" | "normal" | "off";
  /** How long to wait for a lock of another process, ms. */
  readonly busyTimeoutMs: number;
}

/** One step on the table. */
export type KeyValueCall =
  | { readonly type: "get"; readonly key: string }
  | {
      readonly type: "set";
      readonly key: string;
      readonly value: string;
      readonly ttlMs: number | undefined;
      readonly revision: number | undefined;
    }
  | { readonly type: "delete"; readonly key: string; readonly revision: number | undefined }
  | {
      readonly type: "list";
      readonly prefix: string;
      readonly after: string;
      readonly limit: number;
    }
  | {
      readonly type: "add";
      readonly key: string;
      readonly delta: number;
      readonly ttlMs: number | undefined;
    };

/** What a step comes to: a revision of `set`, a sum of `add`. */
export type KeyValueResult = KeyValue | KeyValuePage | number | undefined;

/** Steps that share a commit; `null` ends the thread. */
export type KeyValueRequest = readonly KeyValueCall[] | null;

/** How one step ended. */
export type KeyValueOutcome =
  | { readonly isDone: true; readonly result: KeyValueResult }
  | { readonly isDone: false; readonly failure: Failure };

/** What the thread says. */
export type KeyValueReply =
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly failure: Failure }
  /** One for each step of a request. */
  | { readonly type: "done"; readonly outcomes: readonly KeyValueOutcome[] };
