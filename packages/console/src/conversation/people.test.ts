import { expect, test } from "vitest";
import { displayName, listNames } from "./people.ts";

test("an account is called by its id, anyone else by the address", () => {
  expect(displayName("account:june")).toBe("June");
  expect(displayName("phone:+447700900123")).toBe("+447700900123");
});

test("a list of names stays short however many there are", () => {
  expect(listNames(["June"])).toBe("June");
  expect(listNames(["June", "Ann"])).toBe("June and Ann");
  expect(listNames(["June", "Ann", "Max"])).toBe("June, Ann and 1 other");
  expect(listNames(["June", "Ann", "Max", "Eve"])).toBe("June, Ann and 2 others");
});
