import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Log, StateStore } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import type { ConsumerSnapshot } from "../shared/consumer-store.ts";
import { ConsumerTables } from "./consumer-tables.ts";
import { KeyValueSource } from "./key-value-source.ts";
import { type DatabaseOptions, databaseFile } from "./open-database.ts";
import { migrate, schemaVersion } from "./schema.ts";
import { checkSqliteLog } from "./sqlite-maintenance.ts";
import { SqliteReader } from "./sqlite-reader.ts";
import { SqliteStateStore } from "./sqlite-state-store.ts";
import { failureOf, StorageFailure } from "./storage-failure.ts";
import { toError } from "./to-error.ts";

const BUSY = 5;

/** A log, its state and the key-value store beside it, to be copied elsewhere: nobody can write into the log meanwhile. */
export interface SqliteSource {
  /** Identity of the log. */
  readonly epoch: string;
  /** How many entries there are; their offsets are 1 to this. */
  readonly entries: number;
  /** Size of the largest entry's data, bytes. */
  readonly largestBytes: number;
  /** Names of the durable consumers that have worked on the log. */
  readonly consumers: readonly string[];
  /** How far one of them is, what waits and what it gave up. */
  consumer(name: string): ConsumerSnapshot;
  readonly log: Pick<Log, "read">;
  readonly state: Pick<StateStore, "dump">;
  readonly keyValues: KeyValueSource;
  /** Lets go of everything. A second call is a no-op. */
  close(): Promise<void>;
}

/**
 * Opens the data directory of a server that is stopped, and keeps servers from using it until it is closed or the process
 * ends, however that ends. The whole database is checked first.
 * @throws {AnywireError} `not_found` when there is no log, `unavailable` when a server has it open, `storage_damaged` when it
 * is damaged or lacks an offset, `unsupported` when a newer Anywire wrote it, and what else the storage says.
 */
export async function openSqliteSource(directory: string): Promise<SqliteSource> {
  const source = new Source(resolve(directory));
  try {
    await source.open();
  } catch (error) {
    await source.close();
    throw error;
  }
  return source;
}

class Source implements SqliteSource {
  readonly log: SqliteReader;
  readonly state: SqliteStateStore;
  readonly keyValues: KeyValueSource;
  readonly #directory: string;
  readonly #file: string;
  #lock: DatabaseSync | null = null;
  #epoch = "";
  #entries = 0;
  #largestBytes = 0;
  #consumers: readonly string[] = [];

  constructor(directory: string) {
    this.#directory = directory;
    this.#file = databaseFile(directory);
    const options: DatabaseOptions = {
      file: this.#file,
      synchronous: "full",
      busyTimeoutMs: 5_000,
      maxBytes: 0,
    };
    this.log = new SqliteReader(options);
    this.state = new SqliteStateStore(this.log, directory);
    this.keyValues = new KeyValueSource(directory);
  }

  get epoch(): string {
    return this.#epoch;
  }

  get entries(): number {
    return this.#entries;
  }

  get largestBytes(): number {
    return this.#largestBytes;
  }

  get consumers(): readonly string[] {
    return this.#consumers;
  }

  consumer(name: string): ConsumerSnapshot {
    if (this.#lock === null) throw new AnywireError("unavailable", `${this.#file} is closed`);
    const tables = new ConsumerTables(this.#lock);
    const givenUp = tables.deadLetters(name, 0, Number.MAX_SAFE_INTEGER);
    return { ...tables.load(name), givenUp };
  }

  async open(): Promise<void> {
    this.#lock = lockDatabase(this.#file);
    await this.#check();
    this.log.prepare();
    await this.log.start();
    this.keyValues.open();
  }

  async close(): Promise<void> {
    this.keyValues.close();
    await this.log.close();
    this.#lock?.close();
    this.#lock = null;
  }

  async #check(): Promise<void> {
    const { epoch, entries, problems } = await checkSqliteLog(this.#directory);
    const row = this.#lock
      ?.prepare("SELECT max(offset) AS head, max(octet_length(data)) AS largest FROM entries")
      .get();
    const head = Number(row?.["head"] ?? 0);
    const gaps = head === entries ? [] : [`it has ${entries} entries for ${head} offsets`];
    const faults = [...problems, ...gaps];
    if (faults.length > 0) {
      throw new AnywireError(
        "storage_damaged",
        `${this.#file} is damaged (${faults.join("; ")}): put a backup in place with \`anywire restore --force\``,
      );
    }
    this.#epoch = epoch;
    this.#entries = entries;
    this.#largestBytes = Number(row?.["largest"] ?? 0);
    const names = this.#lock?.prepare("SELECT name FROM consumers ORDER BY name").all() ?? [];
    this.#consumers = names.map(({ name }) => String(name));
  }
}

/**
 * Takes the right to write for as long as the connection is open. Without a write-ahead log others can read all the same,
 * but no server can start: it would have to go back to one first.
 */
function lockDatabase(file: string): DatabaseSync {
  if (!existsSync(file)) {
    throw new AnywireError("not_found", `there is no ${file}: check the path`);
  }
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(file);
    if (schemaVersion(db, file) === 0) {
      throw new StorageFailure("storage_damaged", `${file} is empty: it holds no log`);
    }
    // Fails while anybody else has it open.
    db.exec("PRAGMA journal_mode = DELETE");
    migrate(db, file);
    db.exec("BEGIN IMMEDIATE");
    // A server may have come between the two.
    const mode = db.prepare("PRAGMA journal_mode").get()?.["journal_mode"];
    if (mode !== "delete") throw inUse(file);
    return db;
  } catch (error) {
    db?.close();
    const isBusy = (error as { errcode?: number }).errcode === BUSY;
    throw toError(failureOf(isBusy ? inUse(file) : error, file));
  }
}

function inUse(file: string): StorageFailure {
  return new StorageFailure(
    "unavailable",
    `${file} is in use: stop the server, or the other migration, first`,
  );
}
