import { expect, test } from "vitest";
import { checkPerson, nextPerson } from "./check-person.ts";

const NUMBER = "+447700900123";

test.each([
  [" +44 7700 900-456 ", NUMBER, "+447700900456"],
  ["+1 (555) 010.0000", "447700900123", "15550100000"],
  ["ben@example.org", "ann@example.org", "ben@example.org"],
  ["Ann Lee", "coop-7", "Ann Lee"],
])("%j where others are like %s is %s", (text, example, person) => {
  expect(checkPerson(text, "somebody", example)).toEqual({ person });
});

test.each([
  ["", "coop-7"],
  ["ann", NUMBER],
  ["07700 900123", NUMBER],
  ["+0123456789", NUMBER],
  ["ann at example.org", "ann@example.org"],
  ["a\u0007b", "coop-7"],
])("%j where others are like %s is refused with an example", (text, example) => {
  expect(checkPerson(text, "a name", example)).toEqual({
    problem: `Write a name, such as ${example}.`,
  });
});

test("the person to add next is the example, or one like it that nobody is", () => {
  expect(nextPerson(NUMBER, [])).toBe(NUMBER);
  expect(nextPerson(NUMBER, [NUMBER, "+447700900124"])).toBe("+447700900125");
  expect(nextPerson("@ann", ["@ann"])).toBe("@ann2");
  expect(nextPerson("ann@example.org", ["ann@example.org"])).toBe("ann2@example.org");
});
