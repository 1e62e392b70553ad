import { expect, test } from "vitest";
import { formatSize } from "./format-size.ts";

test("a size has the unit in which it is a short number", () => {
  const sizes = [0, 1, 999, 1000, 12_345, 1_440_000, 26_214_400, 3_000_000_000, 4e12];
  expect(sizes.map(formatSize)).toEqual([
    "0 bytes",
    "1 byte",
    "999 bytes",
    "1 kB",
    "12 kB",
    "1.4 MB",
    "26.2 MB",
    "3 GB",
    "4,000 GB",
  ]);
});
