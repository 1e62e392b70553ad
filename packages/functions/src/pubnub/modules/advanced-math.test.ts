import { expect, test } from "vitest";
import { advancedMath } from "./advanced-math.ts";

test("a distance is in miles: from Toronto to San Francisco it is about 2,263", () => {
  expect(advancedMath.getDistance(43.70011, -79.4163, 37.77493, -122.41942)).toBeCloseTo(2263, -1);
  expect(advancedMath.getDistance(50, 7, 50, 7)).toBe(0);
});

test("the other side of the earth is half its circumference away", () => {
  expect(advancedMath.getDistance(0, 0, 0, 180)).toBeCloseTo(3959 * Math.PI, 6);
});

test("degrees become radians", () => {
  expect(advancedMath.deg2rad(180)).toBe(Math.PI);
  const { deg2rad } = advancedMath;
  expect(deg2rad(30)).toBeCloseTo(0.5235987, 6);
});
