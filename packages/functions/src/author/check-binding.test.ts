import { expect, test } from "vitest";
import { checkBinding } from "./check-binding.ts";

test.each([
  ["30s", "30000"],
  ["10m", "600000"],
  ["24h", "86400000"],
  ["1d", "86400000"],
  [1_000, "1000"],
  ["86400000", "86400000"],
])("an interval of %s is kept as %s milliseconds", (given, binding) => {
  expect(checkBinding("onInterval", given)).toBe(binding);
});

test.each([
  "",
  "10",
  "999",
  999,
  86_400_001,
  "25h",
  "1.5h",
  "10 m",
  "m",
  1_500.5,
  Number.NaN,
  null,
])("an interval that is none, or out of its range, is refused: %s", (given) => {
  expect(() => checkBinding("onInterval", given)).toThrow(/^onInterval: the interval is .+ from 1/);
});

test.each(["0 9 * * 1-5", "*/10 * * * * *", "0 0 1 JAN *", "0 0 L * *"])(
  "a cron expression is kept as it is: %s",
  (given) => {
    expect(checkBinding("onCron", given)).toBe(given);
  },
);

test.each([
  ["", "which is none"],
  ["* * * *", "which is none"],
  ["0 0 9 * * 1 2030", "which is none"],
  ["61 * * * *", "which is none"],
  ["0 0 30 2 *", "a moment that never comes"],
  [7, "the number 7; it must be"],
  // Its times are claimed by keys that have it in them, and a store takes no longer ones: it never ran.
  [`0${",0".repeat(300)} * * * *`, "of more than 256 characters"],
])("a cron expression that is none, or never comes, is refused: %s", (given, why) => {
  expect(() => checkBinding("onCron", given)).toThrow(why);
});

test.each([
  ["post /tickets/:id", "POST /tickets/:id"],
  ["* /files/*", "* /files/*"],
  ["/", "* /"],
  ["/a-b/c.d/_e~", "* /a-b/c.d/_e~"],
])("a route is kept in one form: %s", (given, binding) => {
  expect(checkBinding("onRequest", given)).toBe(binding);
  expect(checkBinding("onRequest", binding)).toBe(binding);
});

test.each([
  "",
  "tickets",
  "FETCH /x",
  "GET/x",
  "GET /x/",
  "GET //x",
  "GET /:",
  "GET /:a/:a",
  "GET /*/x",
  "GET /a*",
  "GET /(a|b)",
  "GET /../x",
  "GET /x?y=1",
  `GET /${"x".repeat(256)}`,
  undefined,
])("a route that is none is refused: %s", (given) => {
  expect(() => checkBinding("onRequest", given)).toThrow(/^onRequest: the route is/);
});
