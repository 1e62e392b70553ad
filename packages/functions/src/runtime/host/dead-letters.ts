import type { DeadLetter } from "@anywire/core";
import { AnywireError } from "@anywire/types";
import type { ConsumerAtWork } from "./after-functions.ts";
import type { Replayed } from "./function-host.ts";

const PAGE = 100;

/**
 * Handles dead letters once more: the one at an offset, or all that there are.
 * @throws {AnywireError} `not_found` when there is none at that offset.
 */
export async function replayDeadLetters(
  consumer: ConsumerAtWork,
  offset?: number,
): Promise<Replayed> {
  const done = { replayed: 0, failed: 0 };
  try {
    for await (const one of offset === undefined ? offsetsOf(consumer) : [offset]) {
      const isDone = await tryReplay(consumer, one, offset !== undefined);
      if (isDone === undefined) continue;
      if (isDone) done.replayed += 1;
      else done.failed += 1;
    }
    return { ...done, isElsewhere: false };
  } catch (error) {
    if (!isCode(error, "unavailable")) throw error;
    return { ...done, isElsewhere: true };
  }
}

/** Page by page; one that fails once more stays, and is not met again. */
async function* offsetsOf(consumer: ConsumerAtWork): AsyncGenerator<number> {
  for (let after = 0; ; ) {
    const letters: readonly DeadLetter[] = await consumer.deadLetters(after, PAGE);
    for (const { entry } of letters) yield entry.offset;
    const last = letters.at(-1);
    if (last === undefined) return;
    after = last.entry.offset;
  }
}

/** Whether it succeeded; undefined when somebody else has handled it meanwhile. */
async function tryReplay(
  consumer: ConsumerAtWork,
  offset: number,
  isAskedFor: boolean,
): Promise<boolean | undefined> {
  try {
    return await consumer.replay(offset);
  } catch (error) {
    if (isAskedFor || !isCode(error, "not_found")) throw error;
    return undefined;
  }
}

function isCode(error: unknown, code: AnywireError["code"]): boolean {
  return error instanceof AnywireError && error.code === code;
}
