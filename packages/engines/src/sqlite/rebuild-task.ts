import { createHash } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { RebuildProgress } from "@anywire/core";
import type { EntryKind } from "@anywire/types";
import { ChannelNames } from "./channel-names.ts";
import type { RebuildFindings, RebuildTask } from "./maintenance-messages.ts";
import { openForWriting } from "./open-database.ts";
import { StateTables } from "./state-tables.ts";
import { StorageFailure } from "./storage-failure.ts";

/** Entries of one transaction: while it lasts, nobody else can append. */
const PAGE = 4_000;
/** Between two transactions, ms: others who wait for the lock look for it at such intervals. */
const PAUSE_MS = 5;
const PROGRESS_EVERY_MS = 250;
/** Pages in memory, KiB: a rebuild touches the whole table. */
const CACHE_KIB = 262_144;

/** Folds the whole log into a table beside the present state. */
export function rebuildState(
  task: RebuildTask,
  onProgress: (progress: RebuildProgress) => void,
): RebuildFindings {
  const db = openForWriting({
    file: task.database,
    synchronous: "full",
    busyTimeoutMs: task.busyTimeoutMs,
    maxBytes: 0,
  });
  try {
    db.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    return new StateRebuild(db, onProgress).run(task.verify);
  } finally {
    if (db.isTransaction) db.exec("ROLLBACK");
    db.exec("DROP TABLE IF EXISTS state_rebuilt");
    db.close();
  }
}

class StateRebuild {
  readonly #db: DatabaseSync;
  readonly #onProgress: (progress: RebuildProgress) => void;
  readonly #names: ChannelNames;
  readonly #tables: StateTables;
  readonly #selectPage: StatementSync;
  readonly #selectHead: StatementSync;
  #entries = 0;
  #offset = 0;
  #toldAt = 0;

  constructor(db: DatabaseSync, onProgress: (progress: RebuildProgress) => void) {
    this.#db = db;
    this.#onProgress = onProgress;
    db.exec(`
      DROP TABLE IF EXISTS state_rebuilt;
      CREATE TABLE state_rebuilt (
        partition TEXT NOT NULL,
        sort TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (partition, sort)
      ) STRICT, WITHOUT ROWID;
    `);
    this.#names = new ChannelNames(db);
    this.#tables = new StateTables(db, "state_rebuilt");
    this.#selectPage = db.prepare(
      `SELECT offset, channel, id, kind, sender, data, at FROM entries WHERE offset > ?
       ORDER BY offset LIMIT ?`,
    );
    this.#selectHead = db.prepare("SELECT max(offset) AS head FROM entries");
  }

  run(verify: boolean): RebuildFindings {
    while (this.#foldPage()) pause(PAUSE_MS);
    // The last entries, with nobody else appending: then both are of one moment.
    this.#db.exec("BEGIN IMMEDIATE");
    this.#foldRest();
    const items = Number(this.#db.prepare("SELECT count(*) AS n FROM state_rebuilt").get()?.["n"]);
    const digest = verify ? digestOf(this.#db, "state_rebuilt") : null;
    const isSame = verify ? digest === digestOf(this.#db, "state") : null;
    if (!verify) {
      this.#db.exec("DROP TABLE state; ALTER TABLE state_rebuilt RENAME TO state");
    }
    this.#db.exec("COMMIT");
    return { progress: this.#progress(), items, isSame, digest };
  }

  /** Returns whether there is more. */
  #foldPage(): boolean {
    this.#db.exec("BEGIN IMMEDIATE");
    const count = this.#fold(PAGE);
    this.#db.exec("COMMIT");
    this.#tell();
    return count === PAGE;
  }

  #foldRest(): void {
    while (this.#fold(PAGE) === PAGE);
  }

  #fold(limit: number): number {
    const rows = this.#selectPage.all(this.#offset, limit);
    for (const row of rows) {
      this.#offset = Number(row["offset"]);
      this.#foldRow(row);
    }
    this.#entries += rows.length;
    return rows.length;
  }

  #foldRow(row: Record<string, unknown>): void {
    const entry = {
      channel: this.#names.get(Number(row["channel"])),
      id: String(row["id"]),
      kind: String(row["kind"]) as EntryKind,
      sender: String(row["sender"]),
      dataJson: String(row["data"]),
      offset: this.#offset,
      at: Number(row["at"]),
    };
    try {
      this.#tables.fold(entry);
    } catch (error) {
      // What the fold refuses changes nothing, wherever it is folded.
      if (!(error instanceof StorageFailure)) throw error;
    }
  }

  #tell(): void {
    const now = performance.now();
    if (now - this.#toldAt < PROGRESS_EVERY_MS) return;
    this.#toldAt = now;
    this.#onProgress(this.#progress());
  }

  #progress(): RebuildProgress {
    const head = Number(this.#selectHead.get()?.["head"] ?? 0);
    return { entries: this.#entries, offset: this.#offset, head };
  }
}

/** SHA-256 over all items in their order. */
function digestOf(db: DatabaseSync, table: "state" | "state_rebuilt"): string {
  const hash = createHash("sha256");
  const rows = db.prepare(`SELECT partition, sort, value FROM ${table} ORDER BY partition, sort`);
  for (const { partition, sort, value } of rows.iterate()) {
    hash.update(`${partition}\n${sort}\n${value}\n`);
  }
  return hash.digest("hex");
}

function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
