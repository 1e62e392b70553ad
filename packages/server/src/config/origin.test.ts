import { describe, expect, test } from "vitest";
import { isAllowedOrigin, originSchema } from "./origin.ts";

describe("originSchema", () => {
  test.each(["*", "https://app.example.org", "http://localhost:5173", "http://localhost:*"])(
    "takes %s",
    (origin) => expect(originSchema.safeParse(origin).success).toBe(true),
  );

  test.each(["", "example.org", "https://", "https://*.example.org", "https://a.b/", "ftp://a.b"])(
    "refuses %j",
    (origin) => expect(originSchema.safeParse(origin).success).toBe(false),
  );
});

describe("isAllowedOrigin", () => {
  test("an origin must be the same, to the port", () => {
    const allowed = ["https://app.example.org"];
    expect(isAllowedOrigin(allowed, "https://app.example.org")).toBe(true);
    expect(isAllowedOrigin(allowed, "https://app.example.org.evil.example")).toBe(false);
    expect(isAllowedOrigin(allowed, "https://app.example.org:444")).toBe(false);
    expect(isAllowedOrigin(allowed, "http://app.example.org")).toBe(false);
  });

  test(":* lets any port pass and no other host", () => {
    const allowed = ["http://localhost:*"];
    expect(isAllowedOrigin(allowed, "http://localhost")).toBe(true);
    expect(isAllowedOrigin(allowed, "http://localhost:5173")).toBe(true);
    expect(isAllowedOrigin(allowed, "http://localhost:5173.evil.example")).toBe(false);
    expect(isAllowedOrigin(allowed, "http://localhost.evil.example:1")).toBe(false);
    expect(isAllowedOrigin(allowed, "null")).toBe(false);
  });

  test("* lets all pass, an empty list none", () => {
    expect(isAllowedOrigin(["*"], "https://anywhere.example")).toBe(true);
    expect(isAllowedOrigin([], "https://anywhere.example")).toBe(false);
  });
});
