import { AnywireError } from "@anywire/types";
import { z } from "zod";
import type { StateStore } from "../ports/state-store.ts";

/** The field of a request that says how fresh its answer must be. */
export const waitForSchema: z.ZodInt = z
  .int()
  .min(0)
  .describe(
    "Answer only once the entry at this offset is in what is read: the offset that an earlier request was answered with, maybe by another server.",
  );

/**
 * Waits until the state is as fresh as a request asks for by its field `waitFor`, and gives the request without it.
 * @throws {AnywireError} `bad_request` when it is no offset, `unavailable` when the state does not come that far in time.
 */
export type WaitFor = (request: object) => Promise<object>;

/** What lets a request wait until the state is fresh enough. */
export function createWaitFor(state: Pick<StateStore, "get">): WaitFor {
  return async (request) => ("waitFor" in request ? await waitFor(state, request) : request);
}

async function waitFor(
  state: Pick<StateStore, "get">,
  { waitFor: offset, ...rest }: { readonly waitFor: unknown },
): Promise<object> {
  const checked = waitForSchema.safeParse(typeof offset === "string" ? Number(offset) : offset);
  if (!checked.success) {
    throw new AnywireError("bad_request", "waitFor must be the offset of an entry");
  }
  // Later reads on this node are at least as fresh.
  await state.get([], { atLeast: checked.data });
  return rest;
}
