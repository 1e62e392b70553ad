import { expect, it } from "vitest";
import { spread } from "./spread-sequencer.ts";

it("every group is spread over the whole, in its own order", () => {
  const items = ["a1", "a2", "a3", "a4", "b1", "b2", "c1"];
  expect(spread(items, (item) => item.slice(0, 1)).join(" ")).toBe("a1 b1 c1 a2 a3 b2 a4");
});
