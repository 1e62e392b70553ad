import type { DatabaseSync, StatementSync } from "node:sqlite";
import { compareUtf8 } from "../shared/compare-utf8.ts";
import { LAST_CHARACTER } from "./last-character.ts";
import type { StateReadRequest, StateReadResult } from "./reader-messages.ts";

type ListRequest = Extract<StateReadRequest, { type: "stateList" }>;
type Row = readonly (string | null)[];

/** Reads the state, each request from one moment. Call it in a read transaction. */
export class StateReader {
  readonly #db: DatabaseSync;
  readonly #position: StatementSync;
  readonly #get: StatementSync;
  readonly #lists = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#position = db.prepare("SELECT max(offset) AS last FROM entries");
    this.#get = db.prepare("SELECT value FROM state WHERE partition = ? AND sort = ?");
  }

  read(request: StateReadRequest): StateReadResult {
    const position = Number(this.#position.get()?.["last"] ?? 0);
    if (request.type === "statePosition") return { rows: [], hasMore: false, position };
    if (request.type === "stateGet")
      return { rows: this.#values(request), hasMore: false, position };
    if (request.type === "stateDump")
      return { rows: this.#dump(request), hasMore: false, position };
    const limit = request.limit ?? Number.MAX_SAFE_INTEGER - 1;
    const rows = this.#list(request, limit + 1);
    const hasMore = rows.length > limit;
    return { rows: (hasMore ? rows.slice(0, limit) : rows).flat(), hasMore, position };
  }

  #values({ addresses }: Extract<StateReadRequest, { type: "stateGet" }>): (string | null)[] {
    const values: (string | null)[] = [];
    for (let i = 0; i < addresses.length; i += 2) {
      const row = this.#get.get(addresses[i] ?? "", addresses[i + 1] ?? "");
      values.push((row?.["value"] as string | undefined) ?? null);
    }
    return values;
  }

  #list(request: ListRequest, limit: number): Row[] {
    const { partition, prefix, after, before, order, follow } = request;
    const end = prefix === "" ? LAST_CHARACTER : prefix + LAST_CHARACTER;
    // One bound on each side, so that the index is entered where the answer begins.
    const isAfter = after !== undefined && compareUtf8(after, prefix) >= 0;
    const lower = isAfter ? after : prefix;
    const upper = before !== undefined && compareUtf8(before, end) < 0 ? before : end;
    const statement = this.#listStatement(isAfter ? ">" : ">=", order);
    return statement.all(follow, prefix.length, partition, lower, upper, limit) as unknown as Row[];
  }

  #listStatement(operator: ">" | ">=", order: "asc" | "desc"): StatementSync {
    const key = operator + order;
    let statement = this.#lists.get(key);
    if (statement === undefined) {
      statement = this.#db.prepare(
        `SELECT sort, value, CASE WHEN ?1 IS NULL THEN NULL ELSE
           (SELECT value FROM state AS followed
            WHERE followed.partition = substr(state.sort, ?2 + 1) AND followed.sort = ?1) END
         FROM state WHERE partition = ?3 AND sort ${operator} ?4 AND sort < ?5
         ORDER BY sort ${order} LIMIT ?6`,
      );
      statement.setReturnArrays(true);
      this.#lists.set(key, statement);
    }
    return statement;
  }

  #dump({ after, limit }: Extract<StateReadRequest, { type: "stateDump" }>): (string | null)[] {
    const statement = this.#db.prepare(
      `SELECT partition, sort, value FROM state WHERE (partition, sort) > (?, ?)
       ORDER BY partition, sort LIMIT ?`,
    );
    statement.setReturnArrays(true);
    const rows = statement.all(after?.[0] ?? "", after?.[1] ?? "", limit) as unknown as Row[];
    return rows.flat();
  }
}
