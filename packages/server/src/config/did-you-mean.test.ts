import { expect, test } from "vitest";
import { didYouMean } from "./did-you-mean.ts";

test("the closest name is proposed, and nothing when none is close", () => {
  const known = ["http.port", "http.host", "data.directory"];
  expect(didYouMean("http.prot", known)).toBe(" Did you mean http.port?");
  expect(didYouMean("http.hots", known)).toBe(" Did you mean http.host?");
  expect(didYouMean("recovery", known)).toBe("");
});
