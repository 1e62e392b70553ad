import { Broadcast, type LogQuery } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import { z } from "zod";
import type { Command } from "../protocol.ts";
import type { Session } from "../session.ts";
import { assertMayRead } from "../session-access.ts";
import { parseParams } from "./parse-params.ts";

/** Publications in one reply. */
const MAX_LIMIT = 1000;
/** Data in one reply, characters. */
const MAX_LENGTH = 1024 * 1024;

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
  const visibleAfter = await assertMayRead(session, channel);
  if (since !== undefined && since.epoch !== "" && since.epoch !== log.epoch) {
    throw new AnywireError(
      "unrecoverable_position",
      `the position is of another log (epoch ${since.epoch}); read from the start`,
    );
  }
  const asked = queryOf(channel, limit, since?.offset, reverse);
  const query = asked === null ? null : visibleQuery(asked, visibleAfter);
  await session.read(async () => {
    const offset = await log.head(channel);
    const entries =
      query === null ? [] : (await log.read({ ...query, maxLength: MAX_LENGTH })).entries;
    const publications = entries.map((entry) => new Broadcast(channel, { type: "entry", entry }));
    session.reply(command, { publications, epoch: log.epoch, offset });
  });
}

function visibleQuery(query: LogQuery, visibleAfter: number): LogQuery {
  return { ...query, after: Math.max(query.after ?? 0, visibleAfter), withoutQuiet: true };
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
