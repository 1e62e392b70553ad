import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { keyValueFile } from "./open-database.ts";
import { openKeyValueDatabase } from "./sqlite-key-value-table.ts";
import { failureOf } from "./storage-failure.ts";
import { toError } from "./to-error.ts";

/** What is kept under a key, and for how long. */
export interface SourceKeyValue {
  readonly key: string;
  readonly value: string;
  /** When its time is over, milliseconds since the Unix epoch; null for never. */
  readonly expiresAt: number | null;
}

/** The key-value store in a data directory, to be copied elsewhere. */
export class KeyValueSource {
  readonly #file: string;
  #db: DatabaseSync | null = null;

  constructor(directory: string) {
    this.#file = keyValueFile(directory);
  }

  /** Opens it where there is one; without, it has no keys. */
  open(): void {
    if (!existsSync(this.#file)) return;
    this.#db = this.#try(() =>
      openKeyValueDatabase({ file: this.#file, synchronous: "full", busyTimeoutMs: 5_000 }),
    );
  }

  /** At most `limit` that are not over, with a key larger than `after` as UTF-8, in this order. */
  list(after: string, limit: number): SourceKeyValue[] {
    const sql = `SELECT key, value, expires_at AS expiresAt FROM items
      WHERE key > ? AND (expires_at IS NULL OR expires_at >= ?) ORDER BY key LIMIT ?`;
    const rows = this.#try(() => this.#db?.prepare(sql).all(after, Date.now(), limit));
    return (rows ?? []) as unknown as SourceKeyValue[];
  }

  /** How many keys there are that are not over. */
  count(): number {
    const sql = "SELECT count(*) AS keys FROM items WHERE expires_at IS NULL OR expires_at >= ?";
    return Number(this.#try(() => this.#db?.prepare(sql).get(Date.now()))?.["keys"] ?? 0);
  }

  /** What is kept under a key and not over. */
  get(key: string): SourceKeyValue | undefined {
    const sql = `SELECT key, value, expires_at AS expiresAt FROM items
      WHERE key = ? AND (expires_at IS NULL OR expires_at >= ?)`;
    const row = this.#try(() => this.#db?.prepare(sql).get(key, Date.now()));
    return row as unknown as SourceKeyValue | undefined;
  }

  /** A second call is a no-op. */
  close(): void {
    this.#db?.close();
    this.#db = null;
  }

  #try<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toError(failureOf(error, this.#file));
    }
  }
}
