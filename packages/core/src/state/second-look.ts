import { AnywireError, ERRORS } from "@anywire/types";
import type { Log } from "../ports/log.ts";
import { isLate, type StateStore } from "../ports/state-store.ts";

/** How long a refusal waits for the state, ms: after five seconds without an answer, SDKs give up a subscription and its connection. */
const MAX_WAIT_MS = 4_000;

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
      if (head > 0) await inTime(state.refusalOf(head));
      return await look();
    }
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof AnywireError && !ERRORS[error.code].retry;
}

async function inTime(coming: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const late = new AnywireError("unavailable", "the state does not come along; try again later");
    timer = setTimeout(reject, MAX_WAIT_MS, late);
  });
  try {
    await Promise.race([coming, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
