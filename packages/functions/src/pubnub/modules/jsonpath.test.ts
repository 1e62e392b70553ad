import { expect, test } from "vitest";
import { jsonpath } from "./jsonpath.ts";

const { JSONPath } = jsonpath;
const json = {
  users: [
    { name: "Ann", age: 40, roles: ["admin"] },
    { name: "Bob", age: 20, roles: [] },
  ],
};

test.each([
  ["$.users[*].name", ["Ann", "Bob"]],
  ["$..age", [40, 20]],
  ["$.users[?(@.age > 30)].name", ["Ann"]],
  ["$.users[?(@.roles.indexOf('admin') > -1 && @.age < 50)].name", ["Ann"]],
  ["$.nobody", []],
])("%s", (path, expected) => {
  expect(JSONPath({ path, json })).toEqual(expected);
});

test("an expression in a path cannot reach out of the JSON", () => {
  const path = "$.users[?(@.constructor.constructor('return process')())]";
  expect(() => JSONPath({ path, json })).toThrow();
});
