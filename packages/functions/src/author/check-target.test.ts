import { expect, test } from "vitest";
import { checkOwnChannel, checkTarget } from "./check-target.ts";

test("a function has to do with the channels of its own platform", () => {
  expect(checkOwnChannel("production", "production.group.a")).toBe("production.group.a");
  expect(checkOwnChannel("production", "production.system.functions")).toContain("system");
  expect(() => checkOwnChannel("production", "staging.group.a")).toThrow(
    "staging.group.a is on the platform staging, and this function runs on production",
  );
  for (const channel of ["lobby", undefined, 7]) {
    expect(() => checkOwnChannel("production", channel)).toThrow(
      expect.objectContaining({ code: "unknown_channel" }),
    );
  }
});

test("it says nothing where only the server does", () => {
  expect(checkTarget("production", "production.group.a")).toBe("production.group.a");
  for (const type of ["system", "event", "notification", "presence"]) {
    expect(() => checkTarget("production", `production.${type}.a`)).toThrow(
      expect.objectContaining({ code: "permission_denied" }),
    );
  }
});
