import type { ByteRange } from "@anywire/core";
import { AnywireError } from "@anywire/types";

const ONE_RANGE = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/i;

/**
 * The bytes that a header `Range` asks for; undefined for all of them. A header that is malformed or asks for several
 * ranges is passed over, which the RFC allows.
 * @throws {AnywireError} `range_not_satisfiable` when none of the bytes it asks for exist.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = "", last = ""] = ONE_RANGE.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") return satisfiable(Math.max(0, size - Number(last)), size, size);
  const start = Number(first);
  const end = last === "" ? size : Number(last) + 1;
  return end <= start && last !== "" ? undefined : satisfiable(start, Math.min(end, size), size);
}

function satisfiable(start: number, end: number, size: number): ByteRange {
  if (start < end) return { start, end };
  throw new AnywireError("range_not_satisfiable", `there are only ${size} bytes; ask for those`, {
    details: { contentRange: `bytes */${size}` },
  });
}
