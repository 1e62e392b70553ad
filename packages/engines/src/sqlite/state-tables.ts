import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { LogEntry, StateItem } from "@anywire/core";
import {
  type FoldEntry,
  foldEntry,
  isWatched,
  StateBuffer,
  type StateSource,
} from "@anywire/core/state";
import { AnywireError } from "@anywire/types";
import { LAST_CHARACTER } from "./last-character.ts";
import { StorageFailure } from "./storage-failure.ts";

/** Remembered items, and characters of JSON in them: more make commits no cheaper. */
const MAX_ITEMS = 50_000;
const MAX_LENGTH = 32 * 1024 * 1024;

/** A watched item that an entry wrote, as JSON. */
export type WrittenItem = readonly [partition: string, sort: string, value: string];

/**
 * The state in the database, written in the transaction that stores the entry it follows from. Remembers
 * channels and what accounts see of them, which the next message needs again; not messages.
 */
export class StateTables implements StateSource {
  readonly #select: StatementSync;
  readonly #selectPrefix: StatementSync;
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;
  readonly #buffer: StateBuffer;
  readonly #known = new Map<string, unknown>();
  #knownLength = 0;

  /** @param table where the items lie, with the columns partition, sort and value */
  constructor(db: DatabaseSync, table: "state" | "state_rebuilt") {
    this.#select = db.prepare(`SELECT value FROM ${table} WHERE partition = ? AND sort = ?`);
    this.#selectPrefix = db.prepare(
      `SELECT sort, value FROM ${table} WHERE partition = ? AND sort >= ? AND sort < ?
       ORDER BY sort LIMIT ?`,
    );
    this.#upsert = db.prepare(
      `INSERT INTO ${table} (partition, sort, value) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET value = excluded.value`,
    );
    this.#delete = db.prepare(`DELETE FROM ${table} WHERE partition = ? AND sort = ?`);
    this.#buffer = new StateBuffer(this);
  }

  /**
   * Folds an entry into the state. Returns the watched items it wrote, null when it wrote nothing. Call it in a transaction.
   * @throws {StorageFailure} when the fold refuses the entry: nothing was written then.
   */
  fold(entry: FoldEntry): readonly WrittenItem[] | null {
    const buffer = this.#buffer;
    buffer.clear();
    try {
      foldEntry(buffer, entry);
    } catch (error) {
      throw refusalOf(error, entry);
    }
    if (buffer.size === 0) return null;
    const written: WrittenItem[] = [];
    for (const { partition, sort, value } of buffer.writes) {
      if (value === undefined) {
        this.#delete.run(partition, sort);
        this.#known.delete(nameOf(partition, sort));
        continue;
      }
      const json = JSON.stringify(value);
      this.#upsert.run(partition, sort, json);
      if (!isWatched(sort)) continue;
      this.#remember(nameOf(partition, sort), value, json.length);
      written.push([partition, sort, json]);
    }
    return written;
  }

  read(partition: string, sort: string): unknown {
    const name = nameOf(partition, sort);
    if (this.#known.has(name)) return this.#known.get(name);
    const json = this.#select.get(partition, sort)?.["value"] as string | undefined;
    const value: unknown = json === undefined ? undefined : JSON.parse(json);
    if (isWatched(sort)) this.#remember(name, value, json?.length ?? 0);
    return value;
  }

  list(partition: string, prefix: string, limit: number): StateItem[] {
    const rows = this.#selectPrefix.all(partition, prefix, prefix + LAST_CHARACTER, limit);
    return rows.map((row) => ({
      partition,
      sort: String(row["sort"]),
      value: JSON.parse(String(row["value"])),
    }));
  }

  /** Forgets what is remembered: another process wrote, or a transaction was undone. */
  forget(): void {
    this.#known.clear();
    this.#knownLength = 0;
  }

  #remember(name: string, value: unknown, length: number): void {
    // All may go: those in use come back at once.
    if (this.#known.size >= MAX_ITEMS || this.#knownLength > MAX_LENGTH) this.forget();
    this.#known.set(name, value);
    this.#knownLength += name.length + length;
  }
}

/** A refusal as it travels to the event loop. What the storage itself throws ends the whole transaction. */
function refusalOf(
  thrown: unknown,
  { kind, channel }: Pick<LogEntry, "kind" | "channel">,
): unknown {
  if (thrown instanceof AnywireError) return new StorageFailure(thrown.code, thrown.message);
  if ((thrown as { errcode?: number }).errcode !== undefined) return thrown;
  return new StorageFailure("internal", `folding ${kind} of ${channel} failed: ${thrown}`);
}

function nameOf(partition: string, sort: string): string {
  return `${partition}\n${sort}`;
}
