import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { PatternTokens } from "@anywire/types";

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
         AND type IS NOT ?3`,
    );
    this.#channels = db.prepare(
      `SELECT channels.id FROM channels JOIN scopes ON scopes.id = channels.scope
       WHERE channels.name = ?3
         AND (?1 = '*' OR scopes.platform = ?1) AND (?2 = '*' OR scopes.type = ?2)
         AND scopes.type IS NOT ?4`,
    );
  }

  /** @param withoutNotifications leaves out the channels of type `notification` */
  plan([platform, type, id]: PatternTokens, withoutNotifications = false): ReadPlan {
    const leftOut = withoutNotifications ? "notification" : null;
    if (id !== "*") {
      return { by: "channel", numbers: idsOf(this.#channels.all(platform, type, id, leftOut)) };
    }
    const isAll = platform === "*" && type === "*" && !withoutNotifications;
    if (isAll) return { by: "offset" };
    return { by: "scope", numbers: idsOf(this.#scopes.all(platform, type, leftOut)) };
  }
}

function idsOf(rows: Record<string, unknown>[]): number[] {
  return rows.map((row) => Number(row["id"]));
}
