import { expect, test } from "vitest";
import { toUploadError } from "./upload-error.ts";

const problem = (members: object): string => JSON.stringify(members);

test("the server's problem keeps its code, its reason and when to try again", () => {
  const text = problem({ code: "rate_limited", detail: "too often", retryAfterMs: 500 });
  expect(toUploadError({ status: 429, text })).toMatchObject({
    code: "rate_limited",
    message: "too often",
    details: { retryAfterMs: 500 },
  });
});

test.each([
  [408, "unavailable"],
  [413, "too_large"],
  [429, "rate_limited"],
  [502, "unavailable"],
  [503, "unavailable"],
  [504, "unavailable"],
  [418, "internal"],
  [200, "internal"],
])("an answer of %i that is no problem of ours, such as a proxy's, is %s", (status, code) => {
  for (const text of ["<html>", "", "null", "[]", problem({ code: "teapot" })]) {
    const error = toUploadError({ status, text });
    expect(error).toMatchObject({ code, details: { status } });
    expect(error.message).toContain(`${status}`);
  }
});
