import type { LogEntry, LogPage, LogQuery } from "@anywire/core";
import { type AnywireError, patternTokens } from "@anywire/types";
import { leavesOutQuiet } from "../shared/query-test.ts";
import { decodeEntries } from "./decode-entries.ts";
import type { DatabaseOptions } from "./open-database.ts";
import type {
  ReaderReply,
  ReaderRequest,
  ReadRequest,
  ReadResult,
  StateReadRequest,
  StateReadResult,
} from "./reader-messages.ts";
import { toError } from "./to-error.ts";
import { WorkerThread } from "./worker-thread.ts";

interface Waiting {
  readonly resolve: (result: ReadResult | StateReadResult) => void;
  readonly reject: (error: Error) => void;
}

/** The event loop's side of the reader thread. */
export class SqliteReader {
  readonly #options: DatabaseOptions;
  readonly #waiting = new Map<number, Waiting>();
  #thread: WorkerThread<ReaderRequest, ReaderReply> | null = null;
  /** Who waits for the database to be open. */
  #opening: { readonly resolve: () => void; readonly reject: (error: Error) => void } | null = null;
  #lastNumber = 0;
  #death: AnywireError | null = null;

  constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  /** Starts the thread, which may take a while; it opens nothing yet. */
  prepare(): void {
    this.#thread = new WorkerThread("reader-worker", this.#options, {
      onReply: (reply) => {
        if (reply.type === "ready") this.#opening?.resolve();
        else if (reply.type === "failed") this.#opening?.reject(toError(reply.failure));
        else this.#settle(reply);
      },
      onDeath: (error) => this.#die(error),
    });
  }

  /** Opens the database, which must exist. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#death !== null) return reject(this.#death);
      this.#opening = { resolve, reject };
      this.#thread?.post("open");
    });
  }

  async read(query: LogQuery): Promise<LogPage> {
    const { pattern, after, before, limit, maxLength, order } = query;
    const { rows, hasMore } = await this.#ask({
      type: "page",
      tokens: patternTokens(pattern),
      after: after ?? 0,
      before: before ?? Number.MAX_SAFE_INTEGER,
      limit,
      maxLength: maxLength ?? Number.POSITIVE_INFINITY,
      order,
      withoutQuiet: leavesOutQuiet(query),
    });
    return { entries: decodeEntries(rows), hasMore };
  }

  async head(pattern: string): Promise<number> {
    return (await this.#ask({ type: "head", tokens: patternTokens(pattern) })).head;
  }

  /** The entries at these offsets, in this order. */
  async entries(offsets: readonly number[]): Promise<LogEntry[]> {
    return decodeEntries((await this.#ask({ type: "entries", offsets })).rows);
  }

  /** Reads the state. */
  readState(request: StateReadRequest): Promise<StateReadResult> {
    return this.#ask(request);
  }

  /** Ends the thread. Nothing may be waiting for it. */
  async close(): Promise<void> {
    await this.#thread?.end();
  }

  #ask(request: ReadRequest): Promise<ReadResult>;
  #ask(request: StateReadRequest): Promise<StateReadResult>;
  #ask(request: ReadRequest | StateReadRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#death !== null) return reject(this.#death);
      this.#lastNumber += 1;
      this.#waiting.set(this.#lastNumber, { resolve, reject });
      this.#thread?.post({ number: this.#lastNumber, request });
    });
  }

  #settle(reply: Extract<ReaderReply, { type: "read" | "unread" }>): void {
    const waiting = this.#waiting.get(reply.number);
    this.#waiting.delete(reply.number);
    if (reply.type === "read") waiting?.resolve(reply.result);
    else waiting?.reject(toError(reply.failure));
  }

  #die(error: AnywireError): void {
    this.#death = error;
    this.#opening?.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
