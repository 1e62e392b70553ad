import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { PatternTokens } from "@anywire/types";
import { QUIET_TYPES } from "@anywire/types/plain";

const QUIET_JSON = JSON.stringify(QUIET_TYPES);

/** What a pattern means in this database: everything, or some rows of one of the indexes. */
export type ReadPlan =
  | { readonly by: "offset" }
  | { readonly by: "channel" | "scope"; readonly numbers: readonly number[] };

/** Finds the channels or scopes that a pattern matches. */
export class ReadPlanner {
  readonly #scopes: StatementSync;
  readonly #channels: StatementSync;

  constructor(db: DatabaseSync) {
    this.#scopes = db.prepare(
      `SELECT id FROM scopes WHERE (?1 = '*' OR platform = ?1) AND (?2 = '*' OR type = ?2)
         AND type NOT IN (SELECT value FROM json_each(?3))`,
    );
    this.#channels = db.prepare(
      `SELECT channels.id FROM channels JOIN scopes ON scopes.id = channels.scope
       WHERE channels.name = ?3
         AND (?1 = '*' OR scopes.platform = ?1) AND (?2 = '*' OR scopes.type = ?2)
         AND scopes.type NOT IN (SELECT value FROM json_each(?4))`,
    );
  }

  /** @param withoutQuiet leaves out the channels of the quiet types */
  plan([platform, type, id]: PatternTokens, withoutQuiet = false): ReadPlan {
    const leftOut = withoutQuiet ? QUIET_JSON : "[]";
    if (id !== "*") {
      return { by: "channel", numbers: idsOf(this.#channels.all(platform, type, id, leftOut)) };
    }
    const isAll = platform === "*" && type === "*" && !withoutQuiet;
    if (isAll) return { by: "offset" };
    return { by: "scope", numbers: idsOf(this.#scopes.all(platform, type, leftOut)) };
  }
}

function idsOf(rows: Record<string, unknown>[]): number[] {
  return rows.map((row) => Number(row["id"]));
}
