import type { DatabaseSync, StatementSync } from "node:sqlite";
import { touchedItems } from "@anywire/core/state";
import { ConsumerTables } from "./consumer-tables.ts";
import { decodeEntries } from "./decode-entries.ts";
import { DRAFT_FIELDS, type EntryRows } from "./entry-rows.ts";
import { EntryWriter, type Stamp } from "./entry-writer.ts";
import { StateTables, type WrittenItem } from "./state-tables.ts";
import { type Failure, failureOf, StorageFailure } from "./storage-failure.ts";
import {
  type CallResult,
  type ChangeRows,
  type ConsumerCall,
  STAMP_FIELDS,
  type WriterReply,
  type WriterRequest,
  type WriterSettings,
} from "./writer-messages.ts";

type Batch = NonNullable<WriterRequest>;
type Written = Extract<WriterReply, { type: "written" }>;

/** A slice of a request that is committed together. */
interface Slice {
  readonly batch: Batch;
  readonly fromDraft: number;
  readonly toDraft: number;
  readonly calls: readonly ConsumerCall[];
  readonly isLast: boolean;
}

/** Carries out requests: one commit each, or one commit for each part when that fails or is asked for. */
export class BatchWriter {
  readonly #db: DatabaseSync;
  readonly #settings: WriterSettings;
  readonly #reply: (reply: WriterReply) => void;
  readonly #entries: EntryWriter;
  readonly #consumers: ConsumerTables;
  readonly #state: StateTables;
  /** What the entry that is just being written did to the state. */
  #written: readonly WrittenItem[] | null = null;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;

  constructor(db: DatabaseSync, settings: WriterSettings, reply: (reply: WriterReply) => void) {
    this.#db = db;
    this.#settings = settings;
    this.#reply = reply;
    this.#state = new StateTables(db, "state");
    this.#entries = new EntryWriter(db, (entry) => {
      this.#written = this.#state.fold(entry);
    });
    this.#consumers = new ConsumerTables(db);
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
  }

  /** Carries out a request and replies, once or several times; then indexes when it is time. */
  write(batch: Batch): void {
    const count = batch.drafts.length / DRAFT_FIELDS;
    const whole = { batch, fromDraft: 0, toDraft: count, calls: batch.calls, isLast: true };
    const isOne = count + batch.calls.length === 1;
    if (isOne) this.#writeOne(whole);
    else if (!this.#settings.groupCommit || !this.#writeTogether(whole)) this.#writeApart(whole);
    if (this.#entries.wantsIndex) this.#fillIndex();
  }

  /** Tells of entries that other processes appended. */
  poll(): void {
    try {
      this.#takeForeign();
    } catch {
      // Whatever is wrong with the database, the next write or poll meets it again; the write tells.
    }
  }

  /** Returns false, with nothing done, when something in the slice failed. */
  #writeTogether(slice: Slice): boolean {
    try {
      this.#begin.run();
    } catch (error) {
      // Somebody else has the lock: trying each part would wait as long for each.
      this.#reply(this.#allFailed(slice, this.#failureOf(error)));
      return true;
    }
    try {
      this.#reply(this.#transact(slice));
      return true;
    } catch {
      return false;
    }
  }

  #writeOne(slice: Slice): void {
    try {
      this.#begin.run();
      this.#reply(this.#transact(slice));
    } catch (error) {
      this.#reply(this.#allFailed(slice, this.#failureOf(error)));
    }
  }

  #writeApart({ batch, toDraft, calls }: Slice): void {
    const parts = toDraft + calls.length;
    for (let i = 0; i < parts; i += 1) {
      const isDraft = i < toDraft;
      this.#writeOne({
        batch,
        fromDraft: i,
        toDraft: isDraft ? i + 1 : i,
        calls: isDraft ? [] : calls.slice(i - toDraft, i - toDraft + 1),
        isLast: i === parts - 1,
      });
    }
  }

  /** Ends the transaction that was begun, one way or the other. */
  #transact(slice: Slice): Written {
    try {
      this.#takeForeign();
      const written = this.#apply(slice);
      this.#commit.run();
      this.#entries.committed();
      return written;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  #apply({ batch, fromDraft, toDraft, calls, isLast }: Slice): Written {
    const stamps = new Float64Array((toDraft - fromDraft) * STAMP_FIELDS);
    const known: (string | number | null)[] = [];
    const failures: Failure[] = [];
    const changes: (string | number)[] = [];
    for (let i = fromDraft; i < toDraft; i += 1) {
      const at = (i - fromDraft) * STAMP_FIELDS;
      const stamp = this.#writeOrRefuse(batch, i * DRAFT_FIELDS, failures);
      // A refused one keeps the offset 0.
      if (stamp === null) continue;
      if (stamp.isNew) {
        stamps[at] = stamp.offset;
        stamps[at + 1] = stamp.previousOffset;
        stamps[at + 2] = stamp.at;
        stamps[at + 3] = stamp.tick;
        pushChanges(changes, i - fromDraft, this.#written);
      } else {
        stamps[at] = -1;
        known.push(...this.#entries.row(stamp.offset));
      }
    }
    const results = calls.map((call): CallResult => ({ isDone: true, value: this.#call(call) }));
    return { type: "written", stamps, known, failures, results, changes, isLast };
  }

  /** Null when the state refused the entry: the others of the commit are not touched by that. */
  #writeOrRefuse({ drafts, now }: Batch, at: number, failures: Failure[]): Stamp | null {
    try {
      return this.#writeDraft(drafts, at, now);
    } catch (error) {
      if (!(error instanceof StorageFailure)) throw error;
      failures.push(failureOf(error, this.#settings.file));
      return null;
    }
  }

  #takeForeign(): void {
    this.#entries.takeForeign(
      (rows) => this.#reply({ type: "foreign", rows, changes: this.#foreignChanges(rows) }),
      () => this.#state.forget(),
    );
  }

  /** What entries of another process did to the state, as far as it can be seen now. */
  #foreignChanges(rows: EntryRows): ChangeRows {
    const changes: (string | number)[] = [];
    for (const [i, entry] of decodeEntries(rows).entries()) {
      const touched = touchedItems(entry, this.#state);
      if (touched === null) continue;
      const written = touched.map(({ partition, sort, value }): WrittenItem => {
        return [partition, sort, JSON.stringify(value)];
      });
      pushChanges(changes, i, written);
    }
    return changes;
  }

  #writeDraft(drafts: EntryRows, at: number, now: number): Stamp {
    return this.#entries.write(
      drafts[at] as string,
      drafts[at + 1] as string,
      drafts[at + 2] as string,
      drafts[at + 3] as string,
      drafts[at + 4] as string | null,
      drafts[at + 5] as string,
      drafts[at + 6] as string | null,
      now,
    );
  }

  #call({ method, args }: ConsumerCall): unknown {
    const run = this.#consumers[method] as (...values: readonly unknown[]) => unknown;
    return run.apply(this.#consumers, [...args]);
  }

  /** Indexing is never urgent: what is not indexed is scanned, and the next batch tries again. */
  #fillIndex(): void {
    try {
      this.#begin.run();
      this.#entries.fillIndex();
      this.#commit.run();
      this.#entries.indexFilled();
    } catch {
      this.#rollBack();
    }
  }

  #rollBack(): void {
    if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
    this.#entries.rolledBack();
    this.#state.forget();
  }

  #allFailed({ fromDraft, toDraft, calls, isLast }: Slice, failure: Failure): Written {
    const count = toDraft - fromDraft;
    return {
      type: "written",
      stamps: new Float64Array(count * STAMP_FIELDS),
      known: [],
      failures: Array.from({ length: count }, () => failure),
      results: calls.map(() => ({ isDone: false, failure })),
      changes: [],
      isLast,
    };
  }

  #failureOf(error: unknown): Failure {
    return failureOf(error, this.#settings.file);
  }
}

function pushChanges(
  changes: (string | number)[],
  index: number,
  written: readonly WrittenItem[] | null,
): void {
  if (written === null) return;
  if (written.length === 0) changes.push(index, "", "", "");
  for (const [partition, sort, value] of written) changes.push(index, partition, sort, value);
}
