import { expect, test } from "vitest";
import { tokenClaimsSchema } from "./token-claims.ts";

const claims = { sub: "bob", platform: "production" };

test("an account and a platform are all that a token needs", () => {
  expect(tokenClaimsSchema.parse(claims)).toEqual(claims);
});

test("claims of other makers stay and don't hurt", () => {
  const more = { ...claims, email: "bob@example.org", aud: ["a"], exp: 1_800_000_000 };
  expect(tokenClaimsSchema.parse(more)).toEqual(more);
});

test.each([
  ["no account", { platform: "production" }],
  ["an account that can't name its notification channel", { ...claims, sub: "bob@example.org" }],
  ["a platform of two segments", { ...claims, platform: "a.b" }],
  ["a platform that is a wildcard", { ...claims, platform: "*" }],
  ["a pattern that is none", { ...claims, subscribe: ["production.sms"] }],
  ["a pattern instead of a list", { ...claims, publish: "production.>" }],
  ["too many patterns", { ...claims, manage: Array(1001).fill("production.>") }],
  ["an expiry that is no whole number", { ...claims, exp: 1.5 }],
  ["an expiry as text", { ...claims, exp: "1800000000" }],
])("%s is refused", (_why, value) => {
  expect(tokenClaimsSchema.safeParse(value).success).toBe(false);
});
