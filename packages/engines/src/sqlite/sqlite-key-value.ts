import { resolve } from "node:path";
import {
  type KeyValue,
  type KeyValuePage,
  type KeyValueQuery,
  type KeyValueStore,
  type KeyValueWrite,
  manageKeyValue,
} from "@anywire/core";
import type { AnywireError } from "@anywire/types";
import { keyValueFile } from "./open-database.ts";
import type {
  KeyValueCall,
  KeyValueOutcome,
  KeyValueReply,
  KeyValueRequest,
  KeyValueResult,
  KeyValueSettings,
} from "./sqlite-key-value-messages.ts";
import { toError } from "./to-error.ts";
import { WorkerThread } from "./worker-thread.ts";

/** Settings of a SQLite key-value store; each but the directory has a default. */
export interface SqliteKeyValueOptions {
  /** Where the database `kv.db` lies. Created if absent. */
  readonly directory: string;
  /**
   * What a write waits for: see `SqliteLogOptions`. Default `full`.
   * @see https://www.sqlite.org/pragma.html#pragma_synchronous
   */
  readonly synchronous?: "full" | "normal" | "off";
  /** How long to wait for another process that holds a lock, ms. Default 5,000. */
  readonly busyTimeoutMs?: number;
}

/**
 * A `KeyValueStore` in a SQLite database of its own. Several processes of one machine may open the same directory; the
 * machine's clock judges what is over. Disk work happens in a thread; the event loop never waits for it.
 */
export function createSqliteKeyValue(options: SqliteKeyValueOptions): KeyValueStore {
  return manageKeyValue(new SqliteKeyValue(options));
}

interface Pending {
  readonly call: KeyValueCall;
  readonly resolve: (result: KeyValueResult) => void;
  readonly reject: (error: Error) => void;
}

class SqliteKeyValue implements KeyValueStore {
  readonly capabilities = { isDurable: true };
  readonly #settings: KeyValueSettings;
  #thread: WorkerThread<KeyValueRequest, KeyValueReply> | null = null;
  #waiting: Pending[] = [];
  /** What the thread is at. */
  #sent: Pending[] = [];
  #isSendQueued = false;
  #death: AnywireError | null = null;

  constructor({ directory, synchronous, busyTimeoutMs }: SqliteKeyValueOptions) {
    this.#settings = {
      file: keyValueFile(resolve(directory)),
      synchronous: synchronous ?? "full",
      busyTimeoutMs: busyTimeoutMs ?? 5_000,
    };
  }

  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#thread = new WorkerThread("sqlite-key-value-worker", this.#settings, {
        onReply: (reply) => {
          if (reply.type === "ready") resolve();
          else if (reply.type === "failed") reject(toError(reply.failure));
          else this.#onDone(reply.outcomes);
        },
        onDeath: (error) => {
          this.#die(error);
          reject(error);
        },
      });
    });
  }

  get(key: string): Promise<KeyValue | undefined> {
    return this.#ask({ type: "get", key });
  }

  set(key: string, value: string, { ttlMs, revision }: KeyValueWrite = {}): Promise<number> {
    return this.#ask({ type: "set", key, value, ttlMs, revision });
  }

  delete(key: string, revision?: number): Promise<void> {
    return this.#ask({ type: "delete", key, revision });
  }

  list({ prefix, after = "", limit }: KeyValueQuery): Promise<KeyValuePage> {
    return this.#ask({ type: "list", prefix, after, limit });
  }

  add(key: string, delta: number, { ttlMs }: Pick<KeyValueWrite, "ttlMs"> = {}): Promise<number> {
    return this.#ask({ type: "add", key, delta, ttlMs });
  }

  async close(): Promise<void> {
    await this.#thread?.end();
  }

  #ask<Result>(call: KeyValueCall): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#death !== null) return reject(this.#death);
      const done = (result: KeyValueResult): void => resolve(result as Result);
      this.#waiting.push({ call, resolve: done, reject });
      this.#sendSoon();
    });
  }

  #sendSoon(): void {
    // While a commit runs, its end sends what has come together.
    if (this.#sent.length > 0 || this.#isSendQueued) return;
    this.#isSendQueued = true;
    setImmediate(() => {
      this.#isSendQueued = false;
      this.#sent = this.#waiting;
      this.#waiting = [];
      this.#thread?.post(this.#sent.map(({ call }) => call));
    });
  }

  #onDone(outcomes: readonly KeyValueOutcome[]): void {
    const sent = this.#sent;
    this.#sent = [];
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.isDone) sent[i]?.resolve(outcome.result);
      else sent[i]?.reject(toError(outcome.failure));
    }
    if (this.#waiting.length > 0) this.#sendSoon();
  }

  #die(error: AnywireError): void {
    this.#death = error;
    for (const { reject } of [...this.#sent, ...this.#waiting]) reject(error);
    this.#sent = [];
    this.#waiting = [];
  }
}
