import { expect, test } from "vitest";
import { rootSpanIdOf, spanIdOf, traceIdOf } from "./span.ts";

test("a trace has the id of the entry that it began with, where that is a UUID", () => {
  expect(traceIdOf("01990d3e-7a10-7cc0-8a51-3f0f3c1b2a55")).toBe(
    "01990d3e7a107cc08a513f0f3c1b2a55",
  );
});

test("any other id gives a trace of its own, the same everywhere", () => {
  expect(traceIdOf("m1")).toBe("ca0df2c95aa144c1d0ff2ff3c8f967fd");
  for (const id of ["m1", "order-42", "00000000-0000-0000-0000-000000000000"]) {
    expect(traceIdOf(id)).toMatch(/^[0-9a-f]{32}$/);
    expect(traceIdOf(id)).not.toMatch(/^0+$/);
    expect(rootSpanIdOf(id)).toMatch(/^[0-9a-f]{16}$/);
  }
  expect(
    new Set(["a", "b", "c"].flatMap((id) => [traceIdOf(id), rootSpanIdOf(id), spanIdOf(id)])).size,
  ).toBe(9);
});
