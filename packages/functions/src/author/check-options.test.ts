import { expect, test } from "vitest";
import { checkOptions } from "./check-options.ts";

test("options are kept as they came, without what is undefined", () => {
  const given = { maxAttempts: 100, minBackoffMs: 1, maxBackoffMs: 86_400_000 };
  expect(checkOptions("afterSignal", { ...given, deadlineMs: undefined })).toEqual(given);
  expect(checkOptions("onCron", { timeZone: "Europe/London", platform: "a" })).toEqual({
    timeZone: "Europe/London",
    platform: "a",
  });
  expect(checkOptions("onRequest", undefined)).toEqual({});
});

test.each([
  [
    "beforePublish",
    { deadlineMs: 0 },
    "the option deadlineMs is the number 0; it must be a whole number from 1 to 300,000",
  ],
  ["beforePublish", { deadlineMs: 300_001 }, "deadlineMs is the number 300001"],
  ["beforePublish", { deadlineMs: "50" }, 'deadlineMs is the string "50"'],
  ["beforeSignal", { onFailure: "ignore" }, '"deny" or "allow"'],
  ["afterPublish", { kinds: [] }, "the option kinds is an array, []"],
  ["afterPublish", { kinds: ["reaction"] }, "the option kinds"],
  ["afterPublish", { maxAttempts: 101 }, "from 1 to 100"],
  ["onRequest", { auth: true }, '"token" or "none"'],
  ["onInterval", { platform: "a.b" }, "letters, digits"],
  ["onCron", { timeZone: "Mars/Olympus" }, "an IANA time zone"],
] as const)("%s refuses %o", (trigger, options, words) => {
  const check = () => checkOptions(trigger, options);
  expect(check).toThrow(expect.objectContaining({ code: "bad_request" }));
  expect(check).toThrow(words);
});

test("an option of another trigger is refused, and says whose it is", () => {
  expect(() => checkOptions("onInterval", { auth: "none" })).toThrow(
    "onInterval: auth is an option of onRequest",
  );
  expect(() => checkOptions("beforePublish", { timeZone: "UTC" })).toThrow("an option of onCron");
});

test("an option that there is not is refused, and says which there are", () => {
  expect(() => checkOptions("onInterval", { every: 5 })).toThrow(
    "onInterval: there is no option every; take deadlineMs, platform",
  );
  expect(() => checkOptions("onInterval", { toString: 5 })).toThrow("no option toString");
  expect(() => checkOptions("onInterval", 5)).toThrow("the options are the number 5");
});

test("a first wait that is longer than the longest is refused", () => {
  const options = { minBackoffMs: 2_000, maxBackoffMs: 1_000 };
  expect(() => checkOptions("afterPublish", options)).toThrow("more than maxBackoffMs, 1000");
});
