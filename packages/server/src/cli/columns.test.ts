import { expect, test } from "vitest";
import { formatColumns } from "./columns.ts";

test("columns are as wide as they must be, whatever colours take", () => {
  const out = { paint: (_: unknown, text: string) => `<${text}>` };
  const rows = [
    [{ text: "sms", style: "bold" } as const, "1"],
    ["digest", { text: "22", style: "red" } as const],
  ];
  expect(formatColumns(["NAME", "RUNS"], rows, out)).toEqual([
    "<NAME>    <RUNS>",
    "<sms>     1",
    "digest  <22>",
  ]);
});
