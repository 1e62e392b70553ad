import { z } from "zod";

/**
 * What a participant may do in its channel, besides reading, writing and reacting: an `owner` everything, a
 * `member` also pin messages and add participants, a `guest` nothing more.
 */
export const ROLES = ["owner", "member", "guest"] as const;

/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];

/** A participant's role in a request or reply. */
export const roleSchema = z
  .enum(ROLES)
  .describe(
    "`owner` may do everything, `member` also pin and add participants, `guest` only speak.",
  );
