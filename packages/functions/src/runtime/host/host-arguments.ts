import { AnywireError } from "@anywire/types";
import type { z } from "zod";
import { describeIssues } from "../../author/describe-issues.ts";
import type { CallMethod, CallOrigin } from "../run.ts";

/** A call of a run to the host. Its arguments are an author's: whatever it makes of them, it has checked. */
export type HostCall = (origin: CallOrigin, args: readonly unknown[]) => Promise<unknown>;

/** Calls by their methods. */
export type HostCallTable<M extends CallMethod> = Readonly<Record<M, HostCall>>;

/**
 * An argument as its schema understands it.
 * @throws {AnywireError} `bad_request` that says which argument of which method is wrong.
 */
export function checkArgument<S extends z.ZodType>(
  method: CallMethod,
  what: string,
  schema: S,
  value: unknown,
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AnywireError(
    "bad_request",
    `${method}: ${what} is not right: ${describeIssues(parsed.error)}`,
  );
}
