import {
  type ErrorCode,
  MAX_PRESENCE_ACCOUNTS,
  markRequestSchema,
  participantsRequestSchema,
} from "@anywire/types";
import { z } from "zod";
import type { ApiContent, ApiOperation, ApiTag } from "./api-operation.ts";

/** How one operation of the messaging model is called over HTTP. */
export interface ModelEndpoint {
  readonly method: ApiOperation["method"];
  readonly path: string;
  /** Unique; names it in generated clients. */
  readonly id: string;
  /** The name of the operation in core. */
  readonly operation: string;
  readonly tag: ApiTag;
  readonly summary: string;
  readonly description: string;
  readonly query?: z.ZodObject;
  readonly body?: ApiContent;
  /** An answer. */
  readonly example: unknown;
  /** Whether it answers 201 when something came to be. */
  readonly mayBeNew?: boolean;
  readonly errors?: readonly ErrorCode[];
  /** Whether there are servers without the operation: those that speak to no network. */
  readonly isOptional?: boolean;
  /** What the path says, as fields of the request, where that is more than its parameters. */
  readonly toRequest?: (parameters: Readonly<Record<string, string>>) => object;
}

/** A body without which the request is complete. */
export const emptyBodySchema = z.strictObject({});

/** From where on a channel is unread. */
export const unreadBodySchema = markRequestSchema.partial();

/** Participants to take out. */
export const removeParticipantsSchema = participantsRequestSchema.omit({ role: true });

/** Whose presence is asked for. */
export const presenceQuerySchema = z.strictObject({
  accounts: z
    .string()
    .meta({ example: "bob,june" })
    .describe(`The accounts' ids with commas between them, ${MAX_PRESENCE_ACCOUNTS} at most.`),
});

/** Query of a list that has no filters. */
export const pageQuerySchema = z.strictObject({
  cursor: z.string().optional().describe("Where the page begins: that of the page before."),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe("How many at most."),
});
