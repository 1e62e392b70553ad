import { stableId } from "@anywire/core";
import type { FunctionCode } from "./revision.ts";

/** The id of the revision that these functions are, in whatever order: 26 letters and digits. */
export function revisionId(functions: readonly FunctionCode[]): string {
  const sorted = [...functions].sort((a, b) => (a.name < b.name ? -1 : 1));
  return stableId(
    sorted.flatMap(({ name, file, code, pubnub }) => [
      name,
      file,
      code,
      pubnub?.trigger ?? null,
      pubnub?.binding ?? null,
      pubnub?.options === undefined ? null : JSON.stringify(pubnub.options),
    ]),
  );
}
