import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ChannelNames } from "./channel-names.ts";
import { ENTRY_COLUMNS, ROW_FIELDS } from "./entry-rows.ts";
import { OffsetFinder } from "./offset-finder.ts";
import { ReadPlanner } from "./read-plan.ts";
import type {
  ReadRequest,
  ReadResult,
  StateReadRequest,
  StateReadResult,
} from "./reader-messages.ts";
import { StateReader } from "./state-reader.ts";

/** Reads entries and the state, each request in one snapshot of the database. */
export class EntryReader {
  readonly #db: DatabaseSync;
  readonly #names: ChannelNames;
  readonly #planner: ReadPlanner;
  readonly #finder: OffsetFinder;
  readonly #selectEntries: StatementSync;
  readonly #selectLast: StatementSync;
  readonly #state: StateReader;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#names = new ChannelNames(db);
    this.#state = new StateReader(db);
    this.#planner = new ReadPlanner(db);
    this.#finder = new OffsetFinder(db);
    this.#selectEntries = db.prepare(
      `SELECT channel, ${ENTRY_COLUMNS}
       FROM (SELECT key AS place, value AS wanted FROM json_each(?))
       CROSS JOIN entries ON offset = wanted ORDER BY place`,
    );
    this.#selectEntries.setReturnArrays(true);
    this.#selectLast = db.prepare("SELECT max(offset) AS last FROM entries");
  }

  read(request: ReadRequest | StateReadRequest): ReadResult | StateReadResult {
    this.#db.exec("BEGIN");
    try {
      if (request.type === "page") return this.#page(request);
      if (request.type === "head") return this.#head(request);
      if (request.type !== "entries") return this.#state.read(request);
      return this.#entries(request.offsets, Number.POSITIVE_INFINITY, false);
    } finally {
      this.#db.exec("COMMIT");
    }
  }

  #page(request: Extract<ReadRequest, { type: "page" }>): ReadResult {
    // One more than asked for tells whether there is more.
    const range = { ...request, limit: request.limit + 1 };
    const offsets = this.#finder.find(
      this.#planner.plan(request.tokens, request.withoutQuiet),
      range,
    );
    const wanted = offsets.slice(0, request.limit);
    return this.#entries(wanted, request.maxLength, offsets.length > request.limit);
  }

  #head({ tokens }: Extract<ReadRequest, { type: "head" }>): ReadResult {
    if (tokens.includes("*")) {
      return { rows: [], hasMore: false, head: Number(this.#selectLast.get()?.["last"] ?? 0) };
    }
    const range = { after: 0, before: Number.MAX_SAFE_INTEGER, limit: 1, order: "desc" } as const;
    const [head = 0] = this.#finder.find(this.#planner.plan(tokens), range);
    return { rows: [], hasMore: false, head };
  }

  #entries(offsets: readonly number[], maxLength: number, hasMore: boolean): ReadResult {
    const rows: (string | number | null)[] = [];
    let length = 0;
    // One row at a time, so that no more is read than is given.
    const found = this.#selectEntries.iterate(JSON.stringify(offsets)) as Iterable<unknown>;
    for (const row of found as Iterable<RawRow>) {
      length += String(row[DATA_INDEX]).length;
      if (length > maxLength && rows.length > 0) return { rows, hasMore: true, head: 0 };
      rows.push(this.#names.get(row[0]));
      for (let i = 1; i < row.length; i += 1) rows.push(row[i] ?? null);
    }
    return { rows, hasMore, head: 0 };
  }
}

/** Where the data stands in a row. */
const DATA_INDEX = ROW_FIELDS.indexOf("dataJson");

type RawRow = [channel: number, ...values: (string | number | null)[]];
