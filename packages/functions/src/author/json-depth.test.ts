import { expect, test } from "vitest";
import { isTooDeep, MAX_JSON_DEPTH } from "./json-depth.ts";

function nested(depth: number): string {
  return `${'{"a":['.repeat(depth / 2)}${"]}".repeat(depth / 2)}`;
}

test("objects and arrays may be in each other so often, however much there is beside them", () => {
  expect(isTooDeep(nested(MAX_JSON_DEPTH))).toBe(false);
  expect(isTooDeep(nested(MAX_JSON_DEPTH + 2))).toBe(true);
  expect(isTooDeep(nested(200_000))).toBe(true);
  expect(isTooDeep(JSON.stringify({ brackets: "[".repeat(10_000), list: new Array(1_000) }))).toBe(
    false,
  );
  expect(isTooDeep(`[1,[],${nested(MAX_JSON_DEPTH)}]`)).toBe(true);
});
