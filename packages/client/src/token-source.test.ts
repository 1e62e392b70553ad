import { AnywireError } from "@anywire/types";
import { expect, test } from "vitest";
import { TokenSource, tokenExpiresAt } from "./token-source.ts";

const HOUR_MS = 60 * 60 * 1000;
const NOW = 1_700_000_000_000;
const down = (): Promise<string> => Promise.reject(new Error("token service is down"));

test("a token says when it runs out, whatever characters its payload has", () => {
  expect(tokenExpiresAt(tokenFor({ exp: 1_700_000_000 }))).toBe(NOW);
  expect(tokenExpiresAt(tokenFor({ exp: 1_700_000_000, name: "Ünal ❤ ~~~???>>>" }))).toBe(NOW);
});

test("a token that does not say, or cannot be read, does not run out as far as the client knows", () => {
  for (const token of [tokenFor({}), tokenFor({ exp: "soon" }), "", "opaque", "a.%%%.c"]) {
    expect(tokenExpiresAt(token)).toBe(Number.POSITIVE_INFINITY);
  }
});

test("a token is due with a day or less left, and when there is none", () => {
  const isDue = (leftMs: number): boolean => new TokenSource(expiring(leftMs), down).isDue(NOW);
  expect(isDue(24 * HOUR_MS + 1000)).toBe(false);
  expect(isDue(24 * HOUR_MS)).toBe(true);
  expect(isDue(-HOUR_MS)).toBe(true);
  expect(new TokenSource(undefined, down).isDue(NOW)).toBe(true);
});

test("without a way to get a new one a token is never due", () => {
  expect(new TokenSource(expiring(0), undefined).isDue(NOW)).toBe(false);
});

test("on an open connection a token that never had a day is used for half of its time", async () => {
  const tokens = new TokenSource(expiring(HOUR_MS), async () => expiring(2 * HOUR_MS));
  expect(tokens.isDueOnOpen(NOW)).toBe(true);
  await tokens.renew(NOW);
  expect(tokens.isDueOnOpen(NOW + HOUR_MS - 1)).toBe(false);
  expect(tokens.isDueOnOpen(NOW + HOUR_MS)).toBe(true);
  expect(tokens.isDue(NOW)).toBe(true);
});

test("on an open connection a token service that failed is left in peace for a minute", async () => {
  const tokens = new TokenSource(expiring(HOUR_MS), down);
  await tokens.renew(NOW);
  expect(tokens.isDueOnOpen(NOW + 59_999)).toBe(false);
  expect(tokens.isDueOnOpen(NOW + 60_000)).toBe(true);
});

test("a token service that is down costs nothing while the last token holds", async () => {
  const good = expiring(HOUR_MS);
  await expect(new TokenSource(good, down).renew(NOW)).resolves.toBe(good);
  await expect(new TokenSource(expiring(0), down).renew(NOW)).rejects.toThrow(/down/);
  await expect(new TokenSource(undefined, down).renew(NOW)).rejects.toThrow(/down/);
});

test("an account that is refused a token does not go on with the last one", async () => {
  const refused = new AnywireError("unauthenticated", "locked out");
  const tokens = new TokenSource(expiring(HOUR_MS), () => Promise.reject(refused));
  await expect(tokens.renew(NOW)).rejects.toBe(refused);
});

test("without a token and a way to get one there is no source", () => {
  expect(() => new TokenSource(undefined, undefined)).toThrow(/token or getToken/);
});

function expiring(leftMs: number): string {
  return tokenFor({ exp: (NOW + leftMs) / 1000 });
}

function tokenFor(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;
}
