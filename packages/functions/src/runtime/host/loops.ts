import { AnywireError, type EntryTrace } from "@anywire/types";
import { counted } from "../counted.ts";

/**
 * The trace of what a function makes: its own name is on the way to it.
 * @throws {AnywireError} `limit_exceeded` with the functions that call each other, when more would be on the way than may be.
 */
export function traceThrough(trace: EntryTrace, name: string, maxHops: number): EntryTrace {
  const via = [...trace.via, name];
  if (via.length <= maxHops) return { id: trace.id, via };
  throw new AnywireError(
    "limit_exceeded",
    `${describeWay(via)}: no more than ${counted(maxHops, "function")} may follow from one message (functions.maxHops); have one of them leave out what functions sent`,
    { details: { maxHops, via } },
  );
}

function describeWay(via: readonly string[]): string {
  const last = via.at(-1);
  const before = via.lastIndexOf(last ?? "", via.length - 2);
  if (before < 0) return `the functions ${via.join(" → ")} follow from one another`;
  return `functions go in a circle, ${via.slice(before).join(" → ")}`;
}
