import { AnywireError, notificationChannel } from "@anywire/types";
import { z } from "zod";
import type { Principal } from "../access/principal.ts";

/** Who calls an operation. */
export interface Caller {
  readonly principal: Principal;
  /** The connection it came through, when it came through one. */
  readonly client?: string;
}

/** What came of an operation. */
export interface Outcome<A> {
  readonly answer: A;
  /** Whether something came to be by it that was not there. */
  readonly isNew: boolean;
}

/**
 * One thing a client can ask for, over HTTP and over a socket alike: checked by the schema, allowed by `Access`,
 * carried out here.
 */
export interface Operation<Q = unknown, A = unknown> {
  /** The name of its RPC method, such as `channel.open`. */
  readonly name: string;
  readonly request: z.ZodType<Q>;
  readonly answer: z.ZodType<A>;
  /** Carries it out. The request has passed the schema. */
  run(caller: Caller, request: Q): Promise<Outcome<A>>;
}

/** What is answered when there is nothing to say. */
export const emptyAnswerSchema = z.object({});

/** The answer of an operation that made nothing new. */
export function done<A>(answer: A): Outcome<A> {
  return { answer, isNew: false };
}

/** The partition of the caller's account: the name of its notification channel. */
export function ownPartition({ principal }: Caller): string {
  return notificationChannel(principal.platform, principal.accountId);
}

/** The error of asking for what is not there. */
export function notFound(what: string): AnywireError {
  return new AnywireError("not_found", what);
}
