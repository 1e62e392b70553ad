import { AnywireError, ERRORS } from "@anywire/types";
import type { Log } from "../ports/log.ts";
import { isLate, type StateStore } from "../ports/state-store.ts";

/**
 * Looks at the state, and gives what was found or decided there. A refusal is said only by a state that has all that is in the log of
 * the channels that the pattern matches: whoever heard of a change from another node is not refused because this one
 * has not. `look` must change nothing: it is called a second time.
 * @throws {AnywireError} what `look` throws; `unavailable` when the state does not come that far in time.
 */
export type SecondLook = <T>(pattern: string, look: () => T | Promise<T>) => T | Promise<T>;

/** Where the state is written with the log, one look is enough. */
export const lookOnce: SecondLook = (_, look) => look();

/** The second look for a state. It costs one look at the end of the log and what `look` costs, and comes only before a refusal. */
export function createSecondLook(log: Pick<Log, "head">, state: StateStore): SecondLook {
  if (!isLate(state)) return lookOnce;
  return async (pattern, look) => {
    try {
      return await look();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const head = await log.head(pattern);
      // Those who watch the state on this node know by then, too.
      if (head > 0) await state.refusalOf(head);
      return await look();
    }
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof AnywireError && !ERRORS[error.code].retry;
}
