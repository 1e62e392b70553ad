import type { DatabaseSync } from "node:sqlite";
import type { SqliteStateCheck } from "./maintenance-messages.ts";

/**
 * Each channel whose document is behind its newest message, or was never made, and where it stands. Messages of before
 * a channel was opened changed nothing.
 */
const BEHIND = `
  WITH said AS (
    SELECT channel,
      min(CASE kind WHEN 'opened' THEN offset END) AS opened,
      max(offset) AS newest
    FROM entries WHERE kind IN ('opened', 'message') GROUP BY channel
  ), reached AS (
    SELECT said.opened, said.newest,
      CASE WHEN json_valid(value) THEN json_extract(value, '$.changedOffset') END AS changed
    FROM said
    JOIN channels ON channels.id = said.channel
    JOIN scopes ON scopes.id = channels.scope
    LEFT JOIN state ON state.sort = 'channel'
      AND state.partition = scopes.platform || '.' || scopes.type || '.' || channels.name
    WHERE said.opened IS NOT NULL
  )
  SELECT min(coalesce(changed, opened - 1)) AS reached FROM reached
  WHERE coalesce(changed, 0) < newest`;

const FURTHEST = `
  SELECT max(json_extract(value, '$.changedOffset')) AS reached FROM state
  WHERE sort = 'channel' AND json_valid(value)`;

/** How many items the state has and how far it has come, as its channels tell. Call it in a transaction: of one moment. */
export function checkState(db: DatabaseSync): SqliteStateCheck {
  const number = (sql: string): number | null => {
    const value = Object.values(db.prepare(sql).get() ?? {})[0];
    return typeof value === "number" ? value : null;
  };
  const head = number("SELECT max(offset) FROM entries") ?? 0;
  const offset = number(BEHIND) ?? Math.max(head, number(FURTHEST) ?? 0);
  return { items: number("SELECT count(*) FROM state") ?? 0, offset, head };
}
