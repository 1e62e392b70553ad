import { Broadcast, type Log, type LogEntry, type LogQuery } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { z } from "zod";
import type { Command } from "../protocol.ts";
import type { Session } from "../session.ts";
import { parseParams } from "./parse-params.ts";

/** Publications in one reply. */
const MAX_LIMIT = 1000;
/** Bytes of data after which no more publications are put into one reply, about. */
const MAX_BYTES = 1024 * 1024;
/** Entries read at a time, so that large ones are not read in vain. */
const CHUNK = 100;

const paramsSchema = z.object({
  channel: z.string(),
  /** `0`: only the position. Negative: as many as one reply holds. */
  limit: z.int().default(0),
  since: z.object({ offset: z.int().min(0).default(0), epoch: z.string().default("") }).optional(),
  reverse: z.boolean().default(false),
});

/**
 * `history`: what was said on a channel or pattern, both ways from a position, and the position of its end.
 * A page may hold fewer than were asked for; the last one is empty.
 */
export async function history(session: Session, command: Command): Promise<void> {
  const { channel, limit, since, reverse } = parseParams(paramsSchema, command.params);
  const { log } = session.edge;
  session.assertMayRead(channel);
  if (since !== undefined && since.epoch !== "" && since.epoch !== log.epoch) {
    throw new AnywireError(
      "unrecoverable_position",
      `the position is of another log (epoch ${since.epoch}); read from the start`,
    );
  }
  const query = queryOf(channel, limit, since?.offset, reverse);
  await session.read(async () => {
    const offset = await log.head(channel);
    const entries = query === null ? [] : await readUpTo(log, query);
    const publications = entries.map((entry) => new Broadcast(channel, { type: "entry", entry }));
    session.reply(command, { publications, epoch: log.epoch, offset });
  });
}

/** As many entries as are asked for and fit into a reply; the client goes on from the last one. */
async function readUpTo(log: Log, query: LogQuery): Promise<LogEntry[]> {
  const found: LogEntry[] = [];
  let bytes = 0;
  for (;;) {
    const limit = Math.min(CHUNK, query.limit - found.length);
    const page = await log.read({ ...query, ...positionAfter(found.at(-1), query), limit });
    for (const entry of page.entries) {
      found.push(entry);
      bytes += entry.dataJson.length;
      if (bytes >= MAX_BYTES) return found;
    }
    if (!page.hasMore || found.length === query.limit) return found;
  }
}

function positionAfter(last: LogEntry | undefined, { order }: LogQuery): Partial<LogQuery> {
  if (last === undefined) return {};
  return order === "asc" ? { after: last.offset } : { before: last.offset };
}

function queryOf(
  pattern: string,
  asked: number,
  since: number | undefined,
  reverse: boolean,
): LogQuery | null {
  if (asked === 0) return null;
  const limit = asked < 0 ? MAX_LIMIT : Math.min(asked, MAX_LIMIT);
  if (since === undefined) return { pattern, limit, order: reverse ? "desc" : "asc" };
  if (reverse) return since === 0 ? null : { pattern, limit, order: "desc", before: since };
  return { pattern, limit, order: "asc", after: since };
}
