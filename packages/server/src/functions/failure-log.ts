import type { FinishedRun } from "@anywire/functions/runtime";
import type { Logger } from "../logging.ts";

/** How long further failures of a function are only counted, ms. */
const QUIET_MS = 10_000;

/** What was told of a function's failures last. */
interface Told {
  at: number;
  /** Failures since. */
  untold: number;
}

/**
 * Tells the server's log that functions fail: one line, and while a function goes on failing, one now and then with how many there were.
 * The author's own place to look is the functions' log, which has every failure with its stack.
 */
export function createFailureLog(
  logger: Pick<Logger, "warn">,
  now: () => number = Date.now,
): (run: FinishedRun) => void {
  const tolds = new Map<string, Told>();
  return ({ name, trigger, platform, channel, traceId, attempt, isShadow, report }) => {
    const { error } = report;
    // What a stopping server did not get to is done by another.
    if (error === undefined || isShadow || error.failure === "stopped") return;
    const told = tolds.get(name);
    if (told !== undefined && now() - told.at < QUIET_MS) {
      told.untold += 1;
      return;
    }
    tolds.set(name, { at: now(), untold: 0 });
    const { failure, message } = error;
    const about = { function: name, trigger, platform, channel, attempt, trace: traceId };
    const others = told === undefined || told.untold === 0 ? {} : { others: told.untold };
    logger.warn({ ...about, failure, why: firstLine(message), ...others }, "a function failed");
  };
}

function firstLine(text: string): string {
  const [line = ""] = text.split("\n", 1);
  return line.length <= 300 ? line : `${line.slice(0, 300)}…`;
}
